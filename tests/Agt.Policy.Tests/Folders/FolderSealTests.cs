using Agt.Values;
using CsCheck;
using static Agt.Policy.Tests.Folders.FolderFixture;

namespace Agt.Policy.Tests.Folders;

/// <summary>What a folder denies stays denied below it, whatever is written there.</summary>
public sealed class FolderSealTests : IDisposable
{
    private static readonly string[] Names = ["r1", "r2", "r3", "R1"];
    private static readonly string[] Conditions = ["true", "args.n == 1", "args.n > 1", "tool_name == 'a'", "not (args.n == 2)", "args.n in [1, 3]"];
    private static readonly string[] Effects = ["allow", "deny", "block", "warn", "audit", "require_approval", "escalate", "transform", "rate_limit"];

    private readonly FolderFixture _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    [Requirement("POL-115", "POL-116", "POL-119", "POL-X06")]
    public void No_child_weakens_a_denial_of_its_parents()
    {
        // The middle and the lowest document are made up; so is the one at the root, of which only what it denies is looked at.
        Gen.Select(Document, Document, Document, Gen.Enum<ConflictStrategy>(), Gen.Bool).Sample(
            (root, middle, low, strategy, hasMiddle) =>
            {
                _tree.Write("governance.yaml", root);
                _tree.Write("a/governance.yaml", hasMiddle ? middle : "name: empty\ndefaults: {action: allow}\n");
                _tree.Write("a/b/governance.yaml", low);
                CompiledPolicySet set = _tree.Load(strategy: strategy);
                foreach (string tool in new[] { "a", "b" })
                {
                    for (int n = 0; n < 4; n++)
                    {
                        bool isDenied = Matches(set, 0, tool, n, "x");
                        bool isDeniedBelow = isDenied || Matches(set, 1, tool, n, "a/x");
                        Assert.True(!isDenied || At(set, tool, n, "a/x").Outcome == VerdictOutcome.Deny, $"{strategy} {tool} {n}");
                        Assert.True(!isDeniedBelow || At(set, tool, n, "a/b/x").Outcome == VerdictOutcome.Deny, $"{strategy} {tool} {n}");
                    }
                }
            },
            iter: 400, threads: 1);
    }

    [Fact]
    [Requirement("POL-115", "POL-X06")]
    public void No_child_of_the_name_of_a_denial_replaces_it_in_the_original_either()
    {
        Gen.Select(Gen.OneOf(Effects), Gen.Int[-10, 10_000], Gen.Bool, Gen.OneOf(Conditions)).Sample(
            (effect, priority, overrides, condition) =>
            {
                _tree.Policy("", "allow", Rule("r1", "deny", "args.n == 1", ", priority: 10001"));
                _tree.Write("a/governance.yaml", "name: p\ndefaults: {action: allow}\nrules:\n" + Written("r1", effect, condition, priority, overrides, true));
                Assert.Equal(VerdictOutcome.Deny, DecideJson(_tree.Load(PolicyProfile.AgentOs10), "{\"path\":\"a/x\",\"n\":1}").Outcome);
            },
            iter: 200, threads: 1);
    }

    private static Gen<string> Document { get; } =
        Gen.Select(
            Gen.Select(Gen.OneOf(Names), Gen.OneOf(Effects), Gen.OneOf(Conditions), Gen.Int[-100, 100], Gen.Bool, Gen.Bool).Array[0, 5], Gen.Bool, Gen.Bool, Gen.Bool)
        .Select((rules, allows, toolkit, inherits) =>
        {
            string text = string.Concat(rules.DistinctBy(rule => rule.Item1).Select(rule => Written(rule.Item1, rule.Item2, rule.Item3, rule.Item4, rule.Item5, rule.Item6)));
            string all = text.Length == 0 ? "rules: []\n" : "rules:\n" + text;
            all += $"inherit: {(inherits ? "true" : "false")}\n";
            string action = allows ? "allow" : "deny";
            return toolkit
                ? $"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nscope: agent\ndefault_action: {action}\n{all}"
                : $"name: p\ndefaults: {{action: {action}}}\n{all}";
        });

    private static string Written(string name, string effect, string condition, int priority, bool overrides, bool enabled) =>
        $"  - {{name: {name}, condition: \"{condition}\", action: {effect}, priority: {priority}, override: {(overrides ? "true" : "false")}, enabled: {(enabled ? "true" : "false")}"
        + effect switch { "rate_limit" => ", limit: 5/hour", "transform" => ", transforms: [{path: args.note}]", _ => string.Empty } + "}\n";

    /// <summary>Whether a denial that the document at a depth wrote itself matches, asked of its conditions alone.</summary>
    private static bool Matches(CompiledPolicySet set, int depth, string tool, int n, string path)
    {
        string policy = depth == 0 ? "governance.yaml" : "a/governance.yaml";
        var input = new PolicyInput(Tool(tool), Arguments(n, path));
        return set.Explain(in input).Rules.Any(rule => rule.Policy == policy && rule.Effect == RuleEffect.Deny && rule.Outcome == RuleOutcome.Matched);
    }

    private static Verdict At(CompiledPolicySet set, string tool, int n, string path)
    {
        var input = new PolicyInput(Tool(tool), Arguments(n, path));
        return set.Evaluate(in input);
    }

    private static GovernedValue Arguments(int n, string path) => GovernedValue.FromJson($"{{\"path\":\"{path}\",\"n\":{n},\"note\":\"x\"}}");
}
