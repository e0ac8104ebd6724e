using Agt.Policy.Folders;
using Agt.Policy.Tests.Evaluation;
using Agt.Policy.Tests.InformationFlow;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static Agt.Policy.Tests.Folders.FolderFixture;

namespace Agt.Policy.Tests.Folders;

/// <summary>Changes of a folder tree while a host runs.</summary>
public sealed class FolderReloadTests : IDisposable
{
    private readonly FolderFixture _tree = new();

    public FolderReloadTests() => _tree.Policy("", "allow");

    public void Dispose() => _tree.Dispose();

    [Fact]
    [Requirement("POL-121", "POL-310")]
    public void A_set_keeps_what_the_tree_was_when_it_was_loaded_also_where_nobody_has_looked_yet()
    {
        using var engine = new PolicyEngine(_tree.Options());
        CompiledPolicySet pinned = engine.Current;
        _tree.Policy("a", "deny");
        _tree.Policy("", "deny");
        Assert.Equal(VerdictOutcome.Allow, Decide(pinned, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(pinned, "x").Outcome);

        engine.Reload();
        Assert.Equal(VerdictOutcome.Deny, Decide(engine.Current, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(pinned, "a/x").Outcome);
        Assert.NotEqual(pinned.SetDigest, engine.Current.SetDigest);
    }

    [Fact]
    [Requirement("POL-121")]
    public async Task A_session_keeps_the_tree_it_began_with()
    {
        await using var host = new PolicyHost("apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: allow\n", builder => builder.AddPolicy(options => options.RootDirectory = _tree.Root));
        Assert.True((await host.DecideAsync("t", "{\"path\":\"a/x\"}")).IsAllowed);
        _tree.Policy("a", "deny");
        host.Engine.Reload();
        Assert.True((await host.DecideAsync("t", "{\"path\":\"a/x\"}")).IsAllowed);
        Assert.Equal(VerdictOutcome.Deny, Decide(host.Engine.Current, "a/x").Outcome);
    }

    [Fact]
    [Requirement("POL-121", "POL-311")]
    public void A_tree_that_has_lost_its_policies_stays_in_force_as_it_was()
    {
        _tree.Policy("", "deny");
        using var engine = new PolicyEngine(_tree.Options());
        File.Delete(Path.Combine(_tree.Root, "governance.yaml"));
        Assert.False(engine.TryReload(out Exception? error));
        Assert.Contains("AGTP007", error!.Message, StringComparison.Ordinal);
        Assert.Equal(VerdictOutcome.Deny, Decide(engine.Current, "x").Outcome);
    }

    [Theory]
    [Requirement("POL-121", "POL-310")]
    [InlineData("write")]
    [InlineData("move in")]
    [InlineData("move out")]
    [InlineData("extended")]
    public async Task A_change_of_a_policy_anywhere_in_the_tree_is_noticed(string change)
    {
        const string Parent = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: ";
        _tree.Policy("a/b", "allow");
        _tree.Policy("deny/b", "deny");
        _tree.Write("c/base/p.yaml", Parent + "allow\nrules:\n" + Rule("no", "deny", "tool_name == 'none'"));
        _tree.Write("c/governance.yaml", Parent + "allow\nextends: base/p.yaml\n");
        Directory.CreateDirectory(Path.Combine(_tree.Outside, "moved"));
        File.WriteAllText(Path.Combine(_tree.Outside, "moved", "governance.yaml"), "name: p\ndefaults: {action: deny}\n");
        PolicyOptions options = _tree.Options();
        options.WatchFiles = true;
        options.ReloadDebounce = TimeSpan.FromMilliseconds(1);
        using var engine = new PolicyEngine(options);
        (string path, VerdictOutcome wanted) = change switch
        {
            "write" => ("a/b/x", VerdictOutcome.Deny),
            "move in" => ("new/x", VerdictOutcome.Deny),
            "move out" => ("deny/b/x", VerdictOutcome.Allow),
            _ => ("c/x", VerdictOutcome.Deny),
        };
        Assert.NotEqual(wanted, Decide(engine.Current, path).Outcome);
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Reloaded += (_, _) =>
        {
            if (Decide(engine.Current, path).Outcome == wanted)
            {
                noticed.TrySetResult();
            }
        };
        switch (change)
        {
            case "write":
                _tree.Policy("a/b", "deny");
                break;
            case "move in":
                Directory.Move(Path.Combine(_tree.Outside, "moved"), Path.Combine(_tree.Root, "new"));
                break;
            case "move out":
                Directory.Move(Path.Combine(_tree.Root, "deny"), Path.Combine(_tree.Outside, "deny"));
                break;
            default:
                _tree.Write("c/base/p.yaml", Parent + "allow\nrules:\n" + Rule("no", "deny"));
                break;
        }

        await noticed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    [Requirement("POL-121", "POL-113")]
    public async Task A_link_that_is_put_in_the_place_of_a_folder_is_noticed_without_a_reload()
    {
        _tree.Policy("secret", "deny");
        Directory.CreateDirectory(Path.Combine(_tree.Root, "a"));
        using var engine = new PolicyEngine(_tree.Options());
        CompiledPolicySet set = engine.Current;
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "a/x").Outcome);
        Directory.Delete(Path.Combine(_tree.Root, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "a"), "secret");

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (Decide(set, "a/x").Outcome != VerdictOutcome.Deny)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(1, engine.Current.Generation);
    }

    [Fact]
    [Requirement("POL-121")]
    public void What_cannot_be_watched_is_not_remembered()
    {
        var facts = new FileFacts();
        using (new FolderWatcher(_tree.Root, facts, NullLogger.Instance))
        {
            Assert.True(facts.MayCache);
        }

        Assert.False(facts.MayCache);
        long version = facts.Version;
        using var none = new FolderWatcher(Path.Combine(_tree.Root, "missing"), facts, NullLogger.Instance);
        Assert.False(facts.MayCache);
        Assert.True(facts.Version >= version);
    }

    [Fact]
    [Requirement("POL-015")]
    public void What_a_host_changes_holds_for_every_folder_at_once()
    {
        PolicyDocument denies = Assert.Single(PolicyLoader.LoadText("apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: allow\nrules:\n" + Rule("no", "deny")).GetDocuments());
        using var engine = new PolicyEngine(_tree.Options());
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "a/x").Outcome);
        engine.Update(policies => policies.AddOrReplace(denies));
        Assert.Equal("no", Decide(engine.Current, "a/x").Detail!.Rule);
        engine.Update(policies => policies.Remove("host"));
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, "a/x").Outcome);
    }

    [Fact]
    public async Task What_a_folder_says_of_information_flow_holds_for_the_whole_session()
    {
        _tree.Write("a/governance.yaml", "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\ninformation_flow: {action: deny}\n");
        await using var desk = new FlowDesk(hostRules: false, options: options => options.RootDirectory = _tree.Root);
        Assert.NotNull(await desk.CallAsync("both", ToolEffects.Reads | ToolEffects.Ingests, "{\"path\":\"a/x\"}"));
        Assert.Null(await desk.CallAsync("mail.send", ToolEffects.Egress));
        Assert.Equal(0, desk.Ran("mail.send"));
    }

    [Fact]
    public async Task What_the_host_says_of_information_flow_holds_with_folders_as_without()
    {
        await using var desk = new FlowDesk(policy: FlowDesk.AllowAll + "information_flow: {action: deny}\n", hostRules: false, options: options => options.RootDirectory = _tree.Root);
        Assert.NotNull(await desk.CallAsync("both", ToolEffects.Reads | ToolEffects.Ingests, "{\"path\":\"x\"}"));
        Assert.Null(await desk.CallAsync("mail.send", ToolEffects.Egress));
        Assert.Null(await desk.CallAsync("mail.send", ToolEffects.Egress, "{\"path\":\"x\"}"));
        Assert.Equal(0, desk.Ran("mail.send"));
    }

    [Fact]
    public void A_grant_of_break_glass_lifts_a_rule_of_a_folder_and_no_other()
    {
        _tree.Policy("a", "allow", Rule("no", "deny"));
        _tree.Policy("a/b", "allow", Rule("nor", "deny"));
        GovernedValue low = GovernedValue.FromJson("{\"path\":\"a/b/x\"}");
        GovernedValue high = GovernedValue.FromJson("{\"path\":\"a/x\"}");
        CompiledPolicySet set = _tree.Load();
        var input = new PolicyInput(Tool("t"), low);
        Assert.Equal(VerdictOutcome.Allow, set.For(high, default, out _)!.Without(["a/governance.yaml/no"]).Evaluate(in input).Outcome);
        Assert.Equal("nor", set.For(low, default, out _)!.Without(["a/governance.yaml/no"]).Evaluate(in input).Detail!.Rule);
    }

    [Fact]
    public async Task Policies_that_are_evaluated_only_let_paths_out_of_the_tree_pass_and_say_so()
    {
        await using var host = new PolicyHost("apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: allow\n", builder => builder.AddPolicy(options =>
        {
            options.RootDirectory = _tree.Root;
            options.Mode = PolicyMode.EvaluateOnly;
        }));
        Decision decision = await host.DecideAsync("t", "{\"path\":\"/etc/passwd\"}");
        Assert.Equal((true, "policy:would_deny"), (decision.IsAllowed, decision.Reason.Code));
    }
}
