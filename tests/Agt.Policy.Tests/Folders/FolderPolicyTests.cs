using Agt.Policy.Folders;
using Agt.Values;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Folders;

public sealed class FolderPolicyTests : IDisposable
{
    private const string Open = "defaults: { action: allow }\nrules: []\n";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agt-folders-");

    private string Root => Path.Combine(_folder.FullName, "root");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    [Requirement("POL-097")]
    [Requirement("POL-110")]
    public void A_call_that_names_a_file_is_judged_by_the_folders_above_it_and_one_that_names_none_by_the_root()
    {
        Write("governance.yaml", Open);
        Write("src/governance.yaml", Deny("no_writes", "write"));
        Write("src/docs/governance.yml", Deny("no_reads", "read"));
        Write("src/docs/deep/file.txt", "x");
        PolicyEngine engine = Engine();
        Assert.True(Allows(engine, "write", "a.txt"));
        Assert.True(Allows(engine, "write", null));
        Assert.False(Allows(engine, "write", "src/a.txt"));
        Assert.True(Allows(engine, "read", "src/a.txt"));
        Assert.False(Allows(engine, "write", "src/docs/deep/file.txt"));
        Assert.False(Allows(engine, "read", "src/docs/deep/new/file.txt"));
        Assert.False(Allows(engine, "read", "src/docs"));
        Assert.False(Allows(engine, "read", Path.Combine(Root, "src/docs/x")));
        Assert.True(Allows(engine, "read", "src/../src/./a.txt"));
    }

    [Fact]
    [Requirement("POL-110")]
    public void Of_two_files_in_a_folder_the_first_name_counts_and_packages_bring_no_policy()
    {
        Write("governance.yaml", Open);
        Write("src/governance.yaml", Deny("a", "write"));
        Write("src/governance.yml", Deny("b", "read"));
        Write("node_modules/evil/governance.yaml", Deny("c", "read"));
        PolicyEngine engine = Engine();
        Assert.False(Allows(engine, "write", "src/x"));
        Assert.True(Allows(engine, "read", "src/x"));
        Assert.True(Allows(engine, "read", "node_modules/evil/x"));
    }

    [Theory]
    [InlineData(PolicyProfile.Strict, false)]
    [InlineData(PolicyProfile.AgentOs10, true)]
    [Requirement("POL-111")]
    [Requirement("POL-116")]
    public void A_folder_that_does_not_inherit_is_the_root_but_takes_no_denial_away(PolicyProfile profile, bool writes)
    {
        Write("governance.yaml", "defaults: { action: deny }\n" + Rule("no_writes", "write", "deny") + Rule("reads", "read", "allow", rules: false));
        Write("own/governance.yaml", "inherit: false\ndefaults: { action: allow }\nrules: []\n");
        PolicyEngine engine = Engine(profile);
        Assert.Equal(writes, Allows(engine, "write", "own/x"));
        Assert.True(Allows(engine, "list", "own/x"));
        Assert.False(Allows(engine, "list", "x"));
    }

    [Theory]
    [InlineData("src/*", "src/a/b.py", true)]
    [InlineData("src/*", "src2/b.py", false)]
    [InlineData("*.py", "src/a/b.py", true)]
    [InlineData("*.PY", "src/a/b.py", false)]
    [InlineData("src/?.py", "src/a.py", true)]
    [InlineData("src/[ab].py", "src/c.py", false)]
    [InlineData("src/[!ab].py", "src/c.py", true)]
    [Requirement("POL-112")]
    [Requirement("POL-011")]
    public void A_document_is_about_the_paths_of_its_scope(string scope, string path, bool applies)
    {
        Write("governance.yaml", Open);
        Write("src/governance.yaml", $"scope: '{scope}'\n" + Deny("no_writes", "write"));
        Write("src2/governance.yaml", $"scope: '{scope}'\n" + Deny("no_writes", "write"));
        Assert.Equal(!applies, Allows(Engine(), "write", path));
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("src/../../outside.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("out/secret.txt")]
    [InlineData("out/../x")]
    [InlineData("leak.txt")]
    [InlineData("loop/x")]
    [InlineData("~/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("..\\outside.txt")]
    [InlineData("x\0y")]
    [InlineData("")]
    [InlineData(" x")]
    [Requirement("POL-113")]
    [Requirement("POL-X07")]
    public void A_path_that_leads_out_or_nobody_can_be_sure_of_is_denied(string path)
    {
        Write("governance.yaml", Open);
        Write("src/a.txt", "x");
        File.WriteAllText(Path.Combine(_folder.FullName, "outside.txt"), "x");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "outside/deep"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "out"), "../outside/deep");
        File.CreateSymbolicLink(Path.Combine(Root, "leak.txt"), Path.Combine(_folder.FullName, "outside.txt"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "loop"), "loop");
        Verdict verdict = Decide(Engine(), "read", path);
        Assert.Equal((VerdictOutcome.Deny, "policy:path_outside_root"), (verdict.Outcome, verdict.Detail!.Reason.Code));
    }

    [Fact]
    [Requirement("POL-113")]
    public void A_link_inside_is_judged_where_it_leads_and_outside_the_original_s_profile_asks_the_flat_policies()
    {
        Write("governance.yaml", Open);
        Write("locked/governance.yaml", Deny("no", "read"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "door"), "locked");
        Assert.False(Allows(Engine(), "read", "door/x"));
        Assert.True(Allows(Engine(PolicyProfile.AgentOs10), "read", "../x"));
    }

    [Theory]
    [InlineData("""{"path":7}""")]
    [InlineData("""{"path":{}}""")]
    [InlineData("""{"path":["a",7]}""")]
    [Requirement("POL-113")]
    public void A_path_that_is_no_text_is_denied(string arguments)
    {
        Write("governance.yaml", Open);
        Assert.Equal("policy:path_outside_root", Decide(Engine(), "read", GovernedValue.FromJson(arguments)).Detail!.Reason.Code);
    }

    [Fact]
    [Requirement("POL-114")]
    [Requirement("POL-115")]
    [Requirement("POL-X06")]
    public void A_rule_replaces_its_parent_only_where_it_says_so_and_never_a_denial()
    {
        Write("governance.yaml", "defaults: { action: allow }\n" + Rule("mail", "mail", "require_approval") + Rule("chat", "chat", "require_approval", rules: false) + Rule("pay", "pay", "deny", rules: false));
        Write("src/governance.yaml", "defaults: { action: allow }\n" + Rule("mail", "mail", "allow", "override: true") + Rule("chat", "chat", "allow", rules: false) + Rule("pay", "pay", "allow", "override: true, priority: 1000", rules: false));
        PolicyEngine engine = Engine();
        Assert.Equal(VerdictOutcome.Escalate, Decide(engine, "mail", "x").Outcome);
        Assert.True(Allows(engine, "mail", "src/x"));
        Assert.Equal(VerdictOutcome.Escalate, Decide(engine, "chat", "src/x").Outcome);
        Assert.False(Allows(engine, "pay", "src/x"));
        Assert.Equal("governance.yaml", Decide(engine, "pay", "src/x").Detail!.Policy);
    }

    [Fact]
    [Requirement("POL-117")]
    public void The_default_is_that_of_the_last_document()
    {
        Write("governance.yaml", Open);
        Write("src/governance.yaml", "defaults: { action: deny }\nrules: []\n");
        Write("src/open/governance.yaml", Open);
        PolicyEngine engine = Engine();
        Assert.True(Allows(engine, "read", "x"));
        Assert.False(Allows(engine, "read", "src/x"));
        Assert.True(Allows(engine, "read", "src/open/x"));
    }

    [Theory]
    [InlineData("rules: [\n")]
    [InlineData("rulez: []\n")]
    [InlineData("")]
    [Requirement("POL-120")]
    [Requirement("POL-X07")]
    public void A_broken_file_denies_what_is_below_it_and_nothing_else(string text)
    {
        Write("governance.yaml", Open);
        Write("src/governance.yaml", text);
        Write("src/deep/governance.yaml", Open);
        PolicyEngine engine = Engine();
        Assert.Equal("policy:folder_policy_invalid", Decide(engine, "read", "src/deep/x").Detail!.Reason.Code);
        Assert.Contains("governance.yaml", Decide(engine, "read", "src/deep/x").Detail!.Explanation, StringComparison.Ordinal);
        Assert.True(Allows(engine, "read", "x"));
    }

    [Fact]
    [Requirement("POL-120")]
    public void A_policy_that_is_a_link_is_broken_and_a_root_without_policy_does_not_start()
    {
        Directory.CreateDirectory(Root);
        Assert.Contains("AGTP058", Assert.Throws<PolicyLoadException>(() => Engine()).Message, StringComparison.Ordinal);
        Write("governance.yaml", Open);
        Write("other.yaml", Open);
        Directory.CreateDirectory(Path.Combine(Root, "src"));
        File.CreateSymbolicLink(Path.Combine(Root, "src", "governance.yaml"), "../other.yaml");
        Assert.Equal("policy:folder_policy_invalid", Decide(Engine(), "read", "src/x").Detail!.Reason.Code);
        Assert.Throws<PolicyLoadException>(() => new PolicyEngine(new PolicyOptions { Folders = new PolicyFolderOptions(Path.Combine(Root, "missing")) }));
    }

    [Fact]
    public void Tools_do_not_touch_the_policies_themselves()
    {
        Write("governance.yaml", Open);
        Assert.Equal("policy:policy_file", Decide(Engine(), "write", "src/governance.yaml").Detail!.Reason.Code);
        Assert.Equal("policy:policy_file", Decide(Engine(), "write", "GOVERNANCE.YML").Detail!.Reason.Code);
        using var engine = new PolicyEngine(new PolicyOptions { Folders = new PolicyFolderOptions(Root) { AllowPolicyFiles = true } });
        Assert.True(Allows(engine, "read", "governance.yaml"));
    }

    [Fact]
    [Requirement("POL-097")]
    public void The_policies_of_the_host_hold_beside_those_of_folders_and_so_do_those_of_every_path()
    {
        Write("governance.yaml", Open);
        Write("a/governance.yaml", Deny("no_reads", "read"));
        var options = new PolicyOptions { Folders = new PolicyFolderOptions(Root) { PathArguments = { "to" } } };
        options.Texts.Add("apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: allow\nrules:\n  - name: no_pay\n    condition: tool_name == 'pay'\n    action: deny\n");
        using var engine = new PolicyEngine(options);
        Assert.False(Allows(engine, "pay", "x"));
        Assert.False(Allows(engine, "read", "a/x"));
        Assert.True(Allows(engine, "read", "b/x"));
        Assert.Equal(VerdictOutcome.Deny, Decide(engine, "read", GovernedValue.FromJson("""{"path":"b/x","to":"a/x"}""")).Outcome);
        Assert.Equal(VerdictOutcome.Deny, Decide(engine, "read", GovernedValue.FromJson("""{"path":["b/x","a/x"]}""")).Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(engine, "read", GovernedValue.FromJson("""{"path":["b/x","c/x"],"to":null}""")).Outcome);
    }

    [Fact]
    [Requirement("POL-121")]
    public async Task A_watched_tree_is_looked_at_once_for_a_path_until_something_changes()
    {
        Write("governance.yaml", Open);
        Write("src/a.txt", "x");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "outside"));
        using var engine = new PolicyEngine(new PolicyOptions { Folders = new PolicyFolderOptions(Root), WatchFiles = true, ReloadDebounce = TimeSpan.FromMilliseconds(10) });
        FolderPolicies folders = engine.Current.Folders!;
        Assert.True(Allows(engine.Current, "read", "src/new/b.txt"));
        int looks = folders.Looks;
        for (int i = 0; i < 100; i++)
        {
            Assert.True(Allows(engine.Current, "read", "src/new/b.txt"));
        }

        Assert.Equal(looks, folders.Looks);

        // A link that is made meanwhile counts, also in the set that a session still holds.
        CompiledPolicySet pinned = engine.Current;
        Directory.CreateSymbolicLink(Path.Combine(Root, "src", "new"), Path.Combine(_folder.FullName, "outside"));
        await UntilAsync(() => !Allows(pinned, "read", "src/new/b.txt"));

        Write("src/governance.yaml", Deny("no_reads", "read"));
        await UntilAsync(() => !Allows(engine.Current, "read", "src/a.txt"));
        Assert.True(Allows(pinned, "read", "src/a.txt"));
    }

    [Fact]
    [Requirement("POL-121")]
    public void A_tree_that_is_not_watched_is_looked_at_each_time()
    {
        Write("governance.yaml", Open);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "outside"));
        PolicyEngine engine = Engine();
        Assert.True(Allows(engine, "read", "link/b.txt"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(_folder.FullName, "outside"));
        Assert.False(Allows(engine, "read", "link/b.txt"));
    }

    [Fact]
    public void A_limit_counts_for_all_folders_below_the_document_that_sets_it()
    {
        Write("governance.yaml", "apiVersion: governance.toolkit/v1\nname: root\nagents: ['*']\ndefault_action: allow\nrules:\n  - name: few\n    condition: tool_name == 'read'\n    action: rate_limit\n    limit: 2/minute\n");
        Write("a/governance.yaml", Open);
        Write("b/governance.yaml", Open);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddGovernance().AddPolicy(options => options.Folders = new PolicyFolderOptions(Root));
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal([true, true, false], new[] { "a/x", "b/x", "x" }.Select(path => RunAsync(provider, path).GetAwaiter().GetResult()));
    }

    /// <summary>Whatever the documents below say, what a document above denies stays denied.</summary>
    [Fact]
    [Requirement("POL-116")]
    [Requirement("POL-X06")]
    public void No_document_below_weakens_a_denial_above()
    {
        Gen<string> rule = Gen.Select(Gen.OneOf("a", "b", "c"), Gen.OneOf("read", "write"), Gen.OneOf("allow", "deny", "require_approval", "audit"), Gen.Bool, Gen.Int[-5, 1_000])
            .Select((name, tool, action, overrides, priority) => Rule(name, tool, action, $"override: {(overrides ? "true" : "false")}, priority: {priority}", rules: false));
        Gen<string> document = Gen.Select(Gen.Bool, Gen.OneOf("allow", "deny"), rule.List[0, 4])
            .Select((inherit, action, rules) => $"inherit: {(inherit ? "true" : "false")}\ndefaults: {{ action: {action} }}\n" + (rules.DistinctBy(text => text[..12]).Any() ? "rules:\n" + string.Concat(rules.DistinctBy(text => text[..12])) : "rules: []\n"));
        int denied = 0;
        Gen.Select(document, document, document).Sample(
            (root, middle, leaf) =>
            {
                Write("governance.yaml", root);
                using PolicyEngine above = Engine();
                Write("m/governance.yaml", middle);
                Write("m/l/governance.yaml", leaf);
                using PolicyEngine all = Engine();
                foreach (string tool in new[] { "read", "write" })
                {
                    bool sealedDenial = Decide(above, tool, "x") is { Outcome: VerdictOutcome.Deny, Detail.Rule: not null and not "default" } verdict && verdict.Detail.Reason.Code == "rule_denied";
                    if (sealedDenial)
                    {
                        denied++;
                        Assert.False(Allows(all, tool, "m/x"));
                        Assert.False(Allows(all, tool, "m/l/x"));
                    }
                }

                Directory.Delete(Path.Combine(Root, "m"), recursive: true);
            },
            iter: 150,
            threads: 1);
        Assert.NotEqual(0, denied);
    }

    private static async Task<bool> RunAsync(ServiceProvider provider, string path)
    {
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        var principal = new Principal(AgentId.Parse("agent-1"));
        await using GovernanceSession session = await governance.OpenSessionAsync(principal);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("read"), "tests");
        GovernedResult<string> result = await governance.InvokeAsync(
            new GovernedAction(template, session, Arguments(path)), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
        return result.IsAllowed;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; i < 500 && !holds(); i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.True(holds());
    }

    private static bool Allows(PolicyEngine engine, string tool, string? path) => Allows(engine.Current, tool, path);

    private static bool Allows(CompiledPolicySet set, string tool, string? path) => Decide(set, tool, path is null ? GovernedValue.FromJson("{}") : Arguments(path)).Outcome == VerdictOutcome.Allow;

    private static Verdict Decide(PolicyEngine engine, string tool, string path) => Decide(engine.Current, tool, Arguments(path));

    private static Verdict Decide(PolicyEngine engine, string tool, GovernedValue arguments) => Decide(engine.Current, tool, arguments);

    private static Verdict Decide(CompiledPolicySet set, string tool, GovernedValue arguments)
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("agent-1")), new ToolIdentity(tool), "tests");
        var input = new PolicyInput(template, arguments);
        return set.Evaluate(in input);
    }

    private static GovernedValue Arguments(string path) => GovernedValue.FromJson($$"""{"path":{{System.Text.Json.JsonSerializer.Serialize(path)}}}""");

    private static string Deny(string name, string tool) => "defaults: { action: allow }\n" + Rule(name, tool, "deny");

    private static string Rule(string name, string tool, string action, string more = "priority: 0", bool rules = true) =>
        (rules ? "rules:\n" : string.Empty) + $"  - {{ name: {name}, condition: {{ field: tool_name, operator: eq, value: {tool} }}, action: {action}, {more} }}\n";

    private PolicyEngine Engine(PolicyProfile profile = PolicyProfile.Strict) =>
        new(new PolicyOptions { Folders = new PolicyFolderOptions(Root), Loading = PolicyLoadOptions.Default with { Profile = profile } });

    private void Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
