using Agt.Policy;
using Agt.Values;
using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Policy;

/// <summary>Deciding an action of a tool that was never seen before: its plan is made, or found among those of its like.</summary>
[MemoryDiagnoser]
[Config(typeof(PercentileColumns))]
public class PolicyPlanBenchmarks
{
    private CompiledPolicySet _set = null!;
    private GovernedValue _payload;
    private ToolIdentity _tool = null!;
    private Principal _principal = null!;

    [Params(PolicyShape.LiteralTool, PolicyShape.WildcardTool, PolicyShape.ArgumentsOnly)]
    public PolicyShape Shape { get; set; }

    [Params(10, 1_000, 10_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _set = PolicyCases.Compile(PolicyCases.Yaml(Shape, Rules));
        _payload = PolicyCases.Payload(5);
        _tool = new ToolIdentity("never-seen");
        _principal = new Principal(AgentId.Parse("agent-1"));
    }

    [Benchmark]
    public Verdict FirstSeenTool()
    {
        // A new template is what a tool never seen before looks like to the engine.
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, _tool, "bench");
        var input = new PolicyInput(template, _payload);
        return _set.Evaluate(in input);
    }
}
