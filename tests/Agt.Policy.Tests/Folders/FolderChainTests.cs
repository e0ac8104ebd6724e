using Agt.Policy.Folders;
using static Agt.Policy.Tests.Folders.FolderFixture;

namespace Agt.Policy.Tests.Folders;

/// <summary>Which policies of a folder tree hold for a path, and what they mean together.</summary>
public sealed class FolderChainTests : IDisposable
{
    private const string Host = "apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: deny\nrules:\n";

    private readonly FolderFixture _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    [Requirement("POL-097", "POL-110", "POL-117")]
    public void An_action_about_a_path_is_judged_by_the_folders_from_the_root_to_the_file()
    {
        _tree.Policy("", "allow", Rule("no-a", "deny", "tool_name == 'a'"));
        _tree.Policy("src/deep", "deny", Rule("yes-b", "allow", "tool_name == 'b'"));
        CompiledPolicySet set = _tree.Load();

        Assert.Equal(("no-a", "governance.yaml"), RuleOf(Decide(set, "x.txt", "a")));
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "x.txt").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "src/x.txt").Outcome);
        Assert.Equal(("no-a", "governance.yaml"), RuleOf(Decide(set, "src/deep/further/x.txt", "a")));
        Assert.Equal(("yes-b", "src/deep/governance.yaml"), RuleOf(Decide(set, "src/deep/x.txt", "b")));
        Assert.Equal(ReasonCodes.DefaultDeny, Decide(set, "src/deep/x.txt").Detail!.Reason);
        Assert.Equal(ReasonCodes.DefaultDeny, Decide(set, Path.Combine(_tree.Root, "src", "deep", "x.txt")).Detail!.Reason);
        Assert.Equal(ReasonCodes.DefaultDeny, Decide(set, "src/deep/").Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-110")]
    public void The_file_is_governance_yaml_and_else_governance_yml()
    {
        _tree.Policy("", "deny");
        _tree.Write("a/governance.yml", "name: a\ndefaults: {action: allow}\n");
        _tree.Write("b/governance.yml", "name: b\ndefaults: {action: allow}\n");
        _tree.Policy("b", "deny");
        using var engine = new PolicyEngine(_tree.Options());
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Deny, Decide(engine.Current, "b/x").Outcome);
        Assert.Equal("AGTP063", Assert.Single(engine.Diagnostics).Code);
    }

    [Fact]
    [Requirement("POL-097", "POL-093")]
    public void An_action_about_no_path_is_judged_by_the_policies_of_the_host_or_by_that_of_the_root()
    {
        _tree.Policy("", "allow");
        _tree.Policy("src", "deny");
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(), null).Outcome);
        Assert.Equal("host", Decide(_tree.Load(host: Host), null).Detail!.Policy);
        Assert.Equal(VerdictOutcome.Allow, DecideJson(_tree.Load(), "{\"path\":null}").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10), null).Outcome);

        File.Delete(Path.Combine(_tree.Root, "governance.yaml"));
        Assert.Equal("No policies loaded (deny by default)", Decide(_tree.Load(), null).Detail!.Explanation);
        Assert.Equal("No policies loaded (deny by default)", Decide(_tree.Load(), "other/x").Detail!.Explanation);
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10), "other/x").Outcome);
    }

    [Fact]
    [Requirement("POL-097")]
    public void A_path_is_no_way_around_the_policies_of_the_host()
    {
        _tree.Policy("", "allow", Rule("yes", "allow", "tool_name == 't'", ", priority: 9"), "inherit: false\n");
        string host = Host + "  - {name: no, condition: \"tool_name == 't'\", action: deny}\n";
        foreach (ConflictStrategy strategy in Enum.GetValues<ConflictStrategy>())
        {
            CompiledPolicySet set = _tree.Load(strategy: strategy, host: host);
            Assert.Equal(("no", "host"), RuleOf(Decide(set, "x")));
            Assert.Equal((VerdictOutcome.Deny, "host"), (Decide(set, "x", "other").Outcome, Decide(set, "x", "other").Detail!.Policy));
        }

        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10, host: host), "x").Outcome);
    }

    [Theory]
    [Requirement("POL-111")]
    [InlineData(PolicyProfile.Strict)]
    [InlineData(PolicyProfile.AgentOs10)]
    public void The_most_specific_document_that_does_not_inherit_is_the_root(PolicyProfile profile)
    {
        _tree.Policy("", "allow", Rule("top", "require_approval"));
        _tree.Policy("a", "allow", Rule("middle", "audit"), "inherit: false\n");
        _tree.Policy("a/b", "deny", Rule("low", "warn", more: ", priority: 1"));
        _tree.Policy("a/b/c", "allow", string.Empty, "inherit: false\n");
        CompiledPolicySet set = _tree.Load(profile);
        Assert.Equal("top", Decide(set, "x").Detail!.Rule);
        Assert.Equal("middle", Decide(set, "a/x").Detail!.Rule);
        Assert.Equal("low", Decide(set, "a/b/x").Detail!.Rule);
        Assert.Equal(ReasonCodes.DefaultAllow, Decide(set, "a/b/c/x").Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-111", "POL-116")]
    public void A_document_that_does_not_inherit_shakes_off_no_denial_but_in_the_original()
    {
        const string Tools = "tool_allowlist: [t, u]\n";
        _tree.Policy("", "allow", Rule("top", "deny", "tool_name == 't'") + Rule("name", "audit"), Tools);
        _tree.Policy("a", "allow", Rule("name", "warn"), "inherit: false\n");
        CompiledPolicySet set = _tree.Load();
        Assert.Equal("top", Decide(set, "a/x").Detail!.Rule);
        Assert.Equal((VerdictOutcome.Warn, "name"), (Decide(set, "a/x", "u").Outcome, Decide(set, "a/x", "u").Detail!.Rule));
        Assert.Equal(ReasonCodes.ToolNotAllowed, Decide(set, "a/x", "other").Detail!.Reason);
        Assert.Equal(VerdictOutcome.Warn, Decide(_tree.Load(PolicyProfile.AgentOs10), "a/x").Outcome);
    }

    [Fact]
    [Requirement("POL-111")]
    public void A_document_for_one_agent_cuts_nothing_off_for_others()
    {
        _tree.Policy("", "allow", Rule("top", "require_approval"));
        _tree.Write("a/governance.yaml", "apiVersion: governance.toolkit/v1\nname: one\nagents: [somebody]\ndefault_action: allow\ninherit: false\n");
        Assert.Equal("top", Decide(_tree.Load(), "a/x").Detail!.Rule);
    }

    [Theory]
    [Requirement("POL-112")]
    [InlineData("src/*", "src/a/b.py", true)]
    [InlineData("src/*", "src", true)]
    [InlineData("src/*", "Src/a.py", false)]
    [InlineData("src/*", "lib/src/a.py", false)]
    [InlineData("*.py", "src/a/b.py", true)]
    [InlineData("*.py", "src/a/b.PY", false)]
    [InlineData("s?c/[ab].py", "src/a.py", true)]
    [InlineData("s?c/[!ab].py", "src/a.py", false)]
    [InlineData("*", "", true)]
    public void A_document_is_about_the_paths_that_its_scope_matches(string scope, string path, bool isAbout)
    {
        Directory.CreateDirectory(Path.Combine(_tree.Root, "src"));
        _tree.Policy("", "deny", Rule("scoped", "allow"), $"scope: '{scope}'\n");
        Verdict verdict = Decide(_tree.Load(host: Host), path);
        Assert.Equal(isAbout ? "scoped" : null, verdict.Detail!.Rule);
        Assert.Equal(isAbout ? VerdictOutcome.Allow : VerdictOutcome.Deny, verdict.Outcome);
    }

    [Fact]
    [Requirement("POL-112", "POL-113")]
    public void Where_the_case_of_letters_makes_no_difference_it_gets_nobody_past_a_folder_or_a_scope()
    {
        var rules = new PathRules(IsWindows: false, IgnoresCase: true);
        _tree.Policy("", "allow", Rule("no", "deny"), "scope: 'Keys/*'\n");
        _tree.Policy("secret", "allow", Rule("nor", "deny"));
        CompiledPolicySet set = _tree.Load(new MadeUpFiles(), rules);
        Assert.Equal("nor", Decide(set, "SECRET/x").Detail!.Rule);
        Assert.Equal("no", Decide(set, "kEYS/x").Detail!.Rule);

        _tree.Policy("Secret", "allow");
        Assert.Contains("AGTP062", Assert.Throws<PolicyLoadException>(() => _tree.Load(new MadeUpFiles(), rules)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-111", "POL-112")]
    public void A_document_about_something_else_cuts_nothing_off_but_in_the_original()
    {
        _tree.Policy("", "allow", Rule("top", "require_approval"));
        _tree.Policy("src", "allow", Rule("low", "audit"), "inherit: false\nscope: '*.py'\n");
        Assert.Equal("low", Decide(_tree.Load(), "src/a.py").Detail!.Rule);
        Assert.Equal("top", Decide(_tree.Load(), "src/a.txt").Detail!.Rule);
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10), "src/a.txt").Outcome);
    }

    [Fact]
    [Requirement("POL-114")]
    public void A_rule_replaces_one_of_its_name_above_only_if_it_says_so()
    {
        _tree.Policy("", "deny", Rule("r", "require_approval") + Rule("s", "audit"));
        _tree.Policy("a", "deny", Rule("r", "allow"));
        _tree.Policy("b", "deny", Rule("r", "allow", more: ", override: true"));
        using var engine = new PolicyEngine(_tree.Options());
        Assert.Equal(VerdictOutcome.Escalate, Decide(engine.Current, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "b/x").Outcome);
        PolicyDiagnostic dropped = Assert.Single(engine.Diagnostics);
        Assert.Equal("AGTP065", dropped.Code);
        Assert.EndsWith("a" + Path.DirectorySeparatorChar + "governance.yaml", dropped.Source, StringComparison.Ordinal);
        Assert.Equal(4, dropped.Position.Line);
    }

    [Theory]
    [Requirement("POL-114", "POL-090")]
    [InlineData(5, "low")]
    [InlineData(1, "top")]
    public void Rules_of_new_names_are_added_and_sorted_by_priority_in_the_original(int priority, string decides)
    {
        _tree.Policy("", "deny", Rule("top", "allow", more: ", priority: 3"));
        _tree.Policy("a", "deny", Rule("low", "warn", more: $", priority: {priority}"));
        Assert.Equal(decides, Decide(_tree.Load(PolicyProfile.AgentOs10), "a/x").Detail!.Rule);
    }

    [Theory]
    [Requirement("POL-115", "POL-119", "POL-X06")]
    [InlineData("deny", PolicyProfile.Strict)]
    [InlineData("block", PolicyProfile.Strict)]
    [InlineData("deny", PolicyProfile.AgentOs10)]
    [InlineData("block", PolicyProfile.AgentOs10)]
    public void What_a_folder_denies_no_folder_below_can_replace(string denial, PolicyProfile profile)
    {
        _tree.Policy("", "allow", Rule("r", denial));
        foreach (string effect in new[] { "allow", "warn", "audit", "require_approval", "deny, enabled: false" })
        {
            _tree.Policy("a", "allow", Rule("r", effect, more: ", override: true, priority: 1000"));
            using var engine = new PolicyEngine(_tree.Options(profile));
            Assert.Equal(("r", "governance.yaml"), RuleOf(Decide(engine.Current, "a/x")));
            Assert.Equal("AGTP054", Assert.Single(engine.Diagnostics).Code);
        }
    }

    [Fact]
    [Requirement("POL-116", "POL-X06")]
    public void What_a_folder_denies_comes_before_every_rule_below_under_every_strategy()
    {
        _tree.Policy("", "allow", Rule("no", "deny", more: ", priority: -5"));
        _tree.Policy("a", "allow", Rule("yes", "allow", more: ", priority: 1000"));
        foreach (ConflictStrategy strategy in Enum.GetValues<ConflictStrategy>())
        {
            Assert.Equal("no", Decide(_tree.Load(strategy: strategy), "a/x").Detail!.Rule);
        }
    }

    [Fact]
    [Requirement("POL-116", "POL-X06")]
    public void What_an_extended_file_denies_comes_before_every_rule_of_the_child_under_every_strategy()
    {
        _tree.Write("base.yaml", Host + "  - {name: no, condition: 'true', action: deny, priority: -5}\n");
        _tree.Write("governance.yaml", Host.Replace("name: host", "name: child\nextends: base.yaml\nscope: agent", StringComparison.Ordinal) + "  - {name: yes, condition: 'true', action: allow, priority: 1000}\n");
        foreach (ConflictStrategy strategy in Enum.GetValues<ConflictStrategy>())
        {
            Assert.Equal("no", Decide(_tree.Load(strategy: strategy), "x").Detail!.Rule);
        }
    }

    [Fact]
    [Requirement("POL-114")]
    public void A_denial_below_holds_even_if_a_rule_above_has_its_name()
    {
        _tree.Policy("", "allow", Rule("r", "allow"));
        _tree.Policy("a", "allow", Rule("r", "deny"));
        Assert.Equal(VerdictOutcome.Deny, Decide(_tree.Load(), "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10), "a/x").Outcome);
    }

    [Fact]
    [Requirement("POL-114")]
    public void A_rule_for_one_agent_cannot_take_away_what_holds_for_all()
    {
        _tree.Policy("", "deny", Rule("r", "require_approval"));
        _tree.Write("a/governance.yaml", "apiVersion: governance.toolkit/v1\nname: one\nagents: [somebody]\nrules:\n" + Rule("r", "allow", more: ", override: true"));
        Assert.Equal(VerdictOutcome.Escalate, Decide(_tree.Load(), "a/x").Outcome);
    }

    [Theory]
    [Requirement("POL-117")]
    [InlineData(PolicyProfile.Strict)]
    [InlineData(PolicyProfile.AgentOs10)]
    public void The_default_of_the_last_document_holds(PolicyProfile profile)
    {
        _tree.Policy("", "deny");
        _tree.Policy("a", "allow");
        _tree.Policy("a/b", "deny");
        CompiledPolicySet set = _tree.Load(profile);
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "a/b/x").Outcome);
    }

    [Fact]
    [Requirement("POL-117", "POL-010")]
    public void A_document_for_other_agents_says_nothing_in_a_chain()
    {
        const string Other = "apiVersion: governance.toolkit/v1\nname: other\nagents: [somebody]\ndefault_action: allow\nrules:\n";
        _tree.Policy("", "deny");
        _tree.Write("a/governance.yaml", Other + Rule("yes", "allow"));
        CompiledPolicySet set = _tree.Load();
        Assert.Equal((VerdictOutcome.Deny, "governance.yaml"), (Decide(set, "a/x").Outcome, Decide(set, "a/x").Detail!.Policy));
        var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("somebody")), new ToolIdentity("t"), "tests"), Agt.Values.GovernedValue.FromJson("{\"path\":\"a/x\"}"));
        Assert.Equal("yes", set.Evaluate(in input).Detail!.Rule);
    }

    [Theory]
    [Requirement("POL-120", "POL-X07")]
    [InlineData(PolicyProfile.Strict)]
    [InlineData(PolicyProfile.AgentOs10)]
    public void A_malformed_file_denies_its_folder_and_says_where_it_is_wrong(PolicyProfile profile)
    {
        _tree.Policy("", "allow");
        _tree.Write("a/governance.yaml", "name: p\ndefaults: {action: allow}\nrules:\n  - {name: r, condition: 'x ==', action: allow}\n");
        _tree.Policy("a/b", "allow");
        _tree.Policy("a/c", "allow", string.Empty, "inherit: false\n");
        using var engine = new PolicyEngine(_tree.Options(profile));
        foreach (string path in new[] { "a/x", "a/b/x", "a/new/x" })
        {
            Verdict verdict = Decide(engine.Current, path);
            Assert.Equal((VerdictOutcome.Deny, ReasonCodes.PolicyEvaluationError), (verdict.Outcome, verdict.Detail!.Reason));
            Assert.Contains("governance.yaml(4,", verdict.Detail.Explanation, StringComparison.Ordinal);
        }

        // What it would have denied below a document that does not inherit, nobody can say.
        Assert.Equal(profile == PolicyProfile.Strict ? VerdictOutcome.Deny : VerdictOutcome.Allow, Decide(engine.Current, "a/c/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "x").Outcome);
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(engine.Diagnostics).Severity);
    }

    [Fact]
    [Requirement("POL-120")]
    public void A_file_that_leads_out_of_the_root_or_contradicts_another_one_denies_its_folder()
    {
        const string Attribute = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nsession_attributes:\n  - {name: level, ordering: [low, high], monotonic: ";
        File.WriteAllText(Path.Combine(_tree.Outside, "p.yaml"), "name: p\ndefaults: {action: allow}\n");
        Directory.CreateDirectory(Path.Combine(_tree.Root, "a"));
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "a", "governance.yaml"), Path.Combine(_tree.Outside, "p.yaml"));
        _tree.Write("b/governance.yaml", Attribute + "true}\n");
        _tree.Write("c/governance.yaml", Attribute + "false}\n");
        using var engine = new PolicyEngine(_tree.Options());
        Assert.Equal(["AGTP055", "AGTP064"], engine.Diagnostics.Select(finding => finding.Code).Order());
        Assert.Equal(ReasonCodes.PolicyEvaluationError, Decide(engine.Current, "a/x").Detail!.Reason);
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "b/x").Outcome);
        Assert.Equal(ReasonCodes.PolicyEvaluationError, Decide(engine.Current, "c/x").Detail!.Reason);
        Assert.True(engine.Current.SessionAttributes["level"].IsMonotonic);
    }

    [Fact]
    public void A_tree_without_policies_or_without_a_root_stops_the_host()
    {
        Assert.Contains("AGTP007", Assert.Throws<PolicyLoadException>(() => _tree.Load()).Message, StringComparison.Ordinal);
        Directory.Delete(_tree.Root, recursive: true);
        Assert.Contains("AGTP060", Assert.Throws<PolicyLoadException>(() => _tree.Load()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "AGTP061")]
    [InlineData(10, "AGTP004")]
    public void A_tree_that_is_too_large_stops_the_host(int folders, string code)
    {
        _tree.Policy("a", "deny");
        _tree.Policy("b", "deny");
        Directory.CreateDirectory(Path.Combine(_tree.Root, "c"));
        PolicyOptions options = _tree.Options();
        options.MaxFolders = folders;
        options.Loading = options.Loading with { MaxFiles = 1 };
        Assert.Contains(code, Assert.Throws<PolicyLoadException>(() => new PolicyEngine(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_and_the_limits_of_the_set_cover_every_file_of_the_tree()
    {
        _tree.Policy("", "deny");
        _tree.Write("a/governance.yaml", "name: p\ndefaults: {action: deny, max_tool_calls: 7}\n");
        CompiledPolicySet one = _tree.Load(host: Host);
        Assert.Equal(["host", "governance.yaml", "a/governance.yaml"], one.Policies.Select(policy => policy.Name));
        Assert.Equal(7, one.SessionLimits!.MaxToolCalls);
        _tree.Write("a/governance.yaml", "name: p\ndefaults: {action: deny, max_tool_calls: 8}\n");
        Assert.NotEqual(one.SetDigest, _tree.Load(host: Host).SetDigest);
    }

    private static (string? Rule, string? Policy) RuleOf(Verdict verdict) => (verdict.Detail!.Rule, verdict.Detail.Policy);
}
