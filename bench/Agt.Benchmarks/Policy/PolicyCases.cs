using System.Globalization;
using System.Text;
using Agt.Policy;
using Agt.Values;

namespace Agt.Benchmarks.Policy;

/// <summary>Policies of a given size, and actions that meet their first rule, their last one or none.</summary>
internal static class PolicyCases
{
    internal static PolicyLoadOptions Large { get; } = new() { MaxBytes = 64 * 1_024 * 1_024, MaxNodes = 10_000_000 };

    /// <summary>YAML of <paramref name="rules"/> deny rules and one that allows the rest.</summary>
    internal static string Yaml(PolicyShape shape, int rules)
    {
        var text = new StringBuilder("apiVersion: governance.toolkit/v1\nname: bench\ndefault_action: allow\nrules:\n");
        for (int i = 0; i < rules; i++)
        {
            string condition = shape switch
            {
                PolicyShape.LiteralTool => $"tool_name == 'tool_{i}' and amount > 100",
                PolicyShape.WildcardTool => $"tool_name like 'tool_{i}_*' and amount > 100",
                PolicyShape.ThreeTerms => $"tool_name == 'tool_{i}' and amount > 100 and currency == 'EUR'",
                PolicyShape.ArgumentsOnly => string.Create(CultureInfo.InvariantCulture, $"args.amount > {1_000_000 + i}"),
                PolicyShape.ArgumentText => $"args.currency == 'X{i}'",
                _ => throw new ArgumentOutOfRangeException(nameof(shape)),
            };
            text.Append(CultureInfo.InvariantCulture, $"  - name: rule_{i}\n    condition: \"{condition}\"\n    action: deny\n    priority: {rules - i}\n");
        }

        return text.ToString();
    }

    internal static CompiledPolicySet Compile(string yaml) => PolicySet.Compile(PolicyLoader.LoadText(yaml, "bench", Large).GetDocuments());

    internal static ActionTemplate Tool(string name) =>
        new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("agent-1")), new ToolIdentity(name), "bench");

    internal static GovernedValue Payload(long amount) => GovernedValue.FromJson($$"""{"amount":{{amount}},"currency":"EUR","note":"for the office"}""");

    /// <summary>The tool that the rule of a number is about.</summary>
    internal static string ToolOf(PolicyShape shape, int rule) => shape == PolicyShape.WildcardTool ? $"tool_{rule}_x" : $"tool_{rule}";
}
