using Agt.Policy.Tests.Evaluation;
using Agt.Values;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using static Agt.Policy.Tests.Folders.FolderFixture;

namespace Agt.Policy.Tests.Folders;

/// <summary>Paths of actions on real folders and links, and what a hostile model may try.</summary>
public sealed class FolderPathTests : IDisposable
{
    private readonly FolderFixture _tree = new();

    public FolderPathTests()
    {
        _tree.Policy("", "allow");
        _tree.Policy("secret", "deny");
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    [Requirement("POL-113", "POL-X07")]
    public void Links_and_parent_folders_are_resolved_before_a_path_is_judged()
    {
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), Path.Combine(_tree.Root, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "out"), _tree.Outside);
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "file"), Path.Combine(_tree.Root, "secret", "key"));
        CompiledPolicySet set = _tree.Load();
        foreach (string path in new[] { "secret/key", "secret", "link/key", "file", "a/../secret/key", "./secret//key", Path.Combine(_tree.Root, "link", "new", "key") })
        {
            Assert.Equal(ReasonCodes.DefaultDeny, Decide(set, path).Detail!.Reason);
        }

        foreach (string path in new[] { "out/x", "..", "../x", _tree.Outside, "/etc/passwd", "a/../../x" })
        {
            Verdict verdict = Decide(set, path);
            Assert.Equal((VerdictOutcome.Deny, "policy:path_outside_root", "Denied by governance policy."), (verdict.Outcome, verdict.Detail!.Reason.Code, verdict.Detail.Reason.PublicMessage));
        }

        Assert.Equal(VerdictOutcome.Allow, Decide(set, "secrets/key").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "not/there/yet").Outcome);
    }

    [Fact]
    [Requirement("POL-113")]
    public void A_path_outside_of_the_root_is_judged_flat_in_the_original()
    {
        const string Host = "name: host\ndefaults: {action: deny}\nrules:\n";
        CompiledPolicySet set = _tree.Load(PolicyProfile.AgentOs10, host: Host + Rule("yes", "allow", "tool_name == 'a'"));
        Assert.Equal(("yes", "host"), (Decide(set, "/etc/passwd", "a").Detail!.Rule, Decide(set, "/etc/passwd", "a").Detail!.Policy));
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "/etc/passwd").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "x").Outcome);
    }

    [Theory]
    [InlineData("governance.yaml")]
    [InlineData("a/new/governance.yml")]
    [InlineData("a/GOVERNANCE.yaml")]
    [InlineData("link/governance.yaml")]
    [InlineData("note.txt")]
    public void An_agent_writes_itself_no_policy_unless_the_host_lets_it(string path)
    {
        Directory.CreateDirectory(Path.Combine(_tree.Root, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), "a");
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "note.txt"), "governance.yaml");
        Assert.Equal("policy:path_protected", Decide(_tree.Load(), path).Detail!.Reason.Code);
        Assert.Equal(VerdictOutcome.Allow, Decide(_tree.Load(PolicyProfile.AgentOs10), path).Outcome);
        PolicyOptions options = _tree.Options();
        options.ProtectPolicyFiles = false;
        using var engine = new PolicyEngine(options);
        Assert.Equal(VerdictOutcome.Allow, Decide(engine.Current, path).Outcome);
    }

    [Theory]
    [Requirement("POL-113")]
    [InlineData("{\"path\":1}")]
    [InlineData("{\"path\":true}")]
    [InlineData("{\"path\":[\"x\"]}")]
    [InlineData("{\"path\":{\"x\":\"x\"}}")]
    [InlineData("{\"path\":\"a\\u0000b\"}")]
    [InlineData("{\"path\":\"x\",\"action\":{\"path\":7}}")]
    [InlineData("{\"path\":\"x\",\"action\":{\"path\":\"secret/key\"}}")]
    [InlineData("{\"path\":\"secret/key\",\"action\":{\"path\":\"x\"}}")]
    public void A_path_that_is_none_or_one_of_several_is_refused(string arguments)
    {
        Verdict verdict = DecideJson(_tree.Load(), arguments);
        Assert.Equal((VerdictOutcome.Deny, "policy:path_refused"), (verdict.Outcome, verdict.Detail!.Reason.Code));
    }

    [Fact]
    [Requirement("POL-097")]
    public void A_path_stands_among_the_arguments_in_the_member_action_or_among_the_facts()
    {
        CompiledPolicySet set = _tree.Load();
        Assert.Equal(VerdictOutcome.Deny, DecideJson(set, "{\"path\":\"secret/x\"}").Outcome);
        Assert.Equal(VerdictOutcome.Deny, DecideJson(set, "{\"action\":{\"path\":\"secret/x\"}}").Outcome);
        Assert.Equal(VerdictOutcome.Allow, DecideJson(set, "{\"action\":{\"path\":\"x\"},\"path\":\"y\"}").Outcome);
        var facts = new PolicyInput(Tool("t"), GovernedValue.FromJson("{}")) { Facets = GovernedValue.FromJson("{\"path\":\"secret/x\"}") };
        Assert.Equal(VerdictOutcome.Deny, set.Evaluate(in facts).Outcome);
        var both = new PolicyInput(Tool("t"), GovernedValue.FromJson("{\"path\":\"x\"}")) { Facets = GovernedValue.FromJson("{\"path\":\"secret/x\"}") };
        Assert.Equal("policy:path_refused", set.Evaluate(in both).Detail!.Reason.Code);
    }

    [Fact]
    [Requirement("POL-097")]
    public void The_host_names_other_arguments_that_are_paths()
    {
        PolicyOptions options = _tree.Options();
        options.PathArguments.Clear();
        options.PathArguments.Add("source");
        options.PathArguments.Add("destination");
        using var engine = new PolicyEngine(options);
        Assert.Equal(VerdictOutcome.Allow, DecideJson(engine.Current, "{\"path\":\"secret/x\"}").Outcome);
        Assert.Equal(VerdictOutcome.Deny, DecideJson(engine.Current, "{\"source\":\"secret/x\"}").Outcome);
        Assert.Equal(VerdictOutcome.Allow, DecideJson(engine.Current, "{\"source\":\"x\",\"destination\":\"y\"}").Outcome);
        Assert.Equal("policy:path_refused", DecideJson(engine.Current, "{\"source\":\"x\",\"destination\":\"secret/x\"}").Detail!.Reason.Code);
    }

    [Fact]
    [Requirement("POL-113", "POL-X07")]
    public void No_text_gets_a_file_of_the_denied_folder_allowed()
    {
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), "secret");
        Directory.CreateDirectory(Path.Combine(_tree.Root, "a", "b"));
        CompiledPolicySet set = _tree.Load();
        string real = Path.Combine(_tree.Root, "secret");
        var part = Gen.OneOf("secret", "link", "a", "b", "..", ".", "", "~", "repo", "SECRET", "x", "\\", "%2e%2e", "secret ", " ", "secret\\", "..\\", "/", "\0", _tree.Root);
        part.Array[1, 8].Sample(
            parts =>
            {
                string text = string.Join('/', parts) + "/key";
                if (Decide(set, text).Outcome != VerdictOutcome.Allow)
                {
                    return;
                }

                // What is allowed is neither in the folder nor out of the tree, however a program resolves it.
                foreach (string read in new[] { Path.GetFullPath(text, _tree.Root), Physical(text) })
                {
                    string found = Agt.Policy.Loading.ExtendsResolver.RealPath(read) + "/";
                    Assert.StartsWith(_tree.Root + "/", found, StringComparison.Ordinal);
                    Assert.False(found.StartsWith(real + "/", StringComparison.Ordinal), text);
                }
            },
            iter: 20_000, threads: 1);
    }

    [Fact]
    [Requirement("POL-097", "POL-113")]
    public async Task The_chain_of_interceptors_decides_by_the_folder_and_counts_a_limit_over_all_folders()
    {
        _tree.Policy("", "allow", "  - {name: twice, condition: 'true', action: rate_limit, limit: 2/hour}\n");
        _tree.Policy("a", "allow");
        _tree.Policy("secret", "allow", Rule("no", "deny"));
        await using var host = new PolicyHost("apiVersion: governance.toolkit/v1\nname: host\nagents: ['*']\ndefault_action: allow\n", builder => builder.AddPolicy(options => options.RootDirectory = _tree.Root));
        Assert.Equal(ReasonCodes.RuleDenied, (await host.DecideAsync("t", "{\"path\":\"secret/x\"}")).Reason);
        Assert.Equal("policy:path_outside_root", (await host.DecideAsync("t", "{\"path\":\"/etc/x\"}")).Reason.Code);
        Assert.Equal(VerdictOutcome.Allow, (await host.DecideAsync("t", "{\"path\":\"x\"}")).Outcome);
        Assert.Equal(VerdictOutcome.Allow, (await host.DecideAsync("t", "{\"path\":\"a/x\"}")).Outcome);
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("t", "{\"path\":\"b/x\"}")).Reason);
        Decision flat = await host.DecideAsync("t");
        Assert.Equal((VerdictOutcome.Allow, host.Engine.Current.SetDigest), (flat.Outcome, flat.PolicySetDigest));
    }

    /// <summary>As the system itself goes: name by name, links followed before what comes behind them.</summary>
    private string Physical(string text)
    {
        string at = text.StartsWith('/') ? "/" : _tree.Root;
        foreach (string name in text.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = name == ".." ? Path.GetDirectoryName(at) ?? "/" : name == "." ? at : Agt.Policy.Loading.ExtendsResolver.RealPath(Path.Combine(at, name));
        }

        return at;
    }
}
