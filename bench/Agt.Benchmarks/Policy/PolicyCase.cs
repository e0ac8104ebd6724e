using Agt.Policy;
using Agt.Values;

namespace Agt.Benchmarks.Policy;

/// <summary>A compiled set and an action to decide.</summary>
internal sealed class PolicyCase(CompiledPolicySet set, ActionTemplate template, GovernedValue payload)
{
    internal static PolicyCase Of(PolicyShape shape, int rules, PolicyHit hit)
    {
        CompiledPolicySet set = PolicyCases.Compile(PolicyCases.Yaml(shape, rules));
        string tool = hit switch
        {
            PolicyHit.First => PolicyCases.ToolOf(shape, 0),
            PolicyHit.Last => PolicyCases.ToolOf(shape, rules - 1),
            _ => "another",
        };
        long amount = shape != PolicyShape.ArgumentsOnly ? 500 : hit switch
        {
            PolicyHit.First => 1_000_001 + rules,
            _ => 500,
        };
        return new PolicyCase(set, PolicyCases.Tool(tool), PolicyCases.Payload(amount));
    }

    internal Verdict Decide()
    {
        var input = new PolicyInput(template, payload);
        return set.Evaluate(in input);
    }
}
