using Agt.Values;
using static Agt.Policy.Tests.Folders.FolderFixture;

namespace Agt.Policy.Tests.Folders;

/// <summary>What is remembered of paths and chains, and until when.</summary>
public sealed class FolderCacheTests : IDisposable
{
    private readonly FolderFixture _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    [Requirement("POL-121")]
    public void A_decision_about_a_known_path_asks_the_file_system_nothing_and_allocates_nothing()
    {
        _tree.Policy("", "allow");
        _tree.Policy("a", "deny", Rule("yes", "allow", "args.n == 1"));
        var files = new MadeUpFiles();
        CompiledPolicySet set = _tree.Load(files);
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "a/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "x").Outcome);
        int asked = files.Asked;
        Assert.True(asked > 0);

        // Not even the policies are needed any more.
        Directory.Move(_tree.Root, _tree.Root + "-gone");
        Directory.CreateDirectory(_tree.Root);
        ActionTemplate template = Tool("t");
        GovernedValue arguments = GovernedValue.FromJson("{\"path\":\"a/x\",\"n\":1}");
        GovernedValue others = GovernedValue.FromJson("{\"path\":\"x\"}");
        var input = new PolicyInput(template, arguments);
        var other = new PolicyInput(template, others);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(VerdictOutcome.Allow, set.Evaluate(in input).Outcome);
            Assert.Equal(VerdictOutcome.Allow, set.Evaluate(in other).Outcome);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            set.Evaluate(in input);
            set.Evaluate(in other);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
        Assert.Equal(asked, files.Asked);
    }

    [Fact]
    [Requirement("POL-121")]
    public void A_change_of_the_file_system_is_seen_by_the_next_decision()
    {
        _tree.Policy("", "allow");
        _tree.Policy("secret", "deny");
        var files = new MadeUpFiles();
        CompiledPolicySet set = _tree.Load(files);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "a/x").Outcome);

        files.Links[Path.Combine(_tree.Root, "a")] = "secret";
        files.Version++;
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "a/x").Outcome);

        files.MayCache = false;
        files.Links.Clear();
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "a/x").Outcome);
        files.Links[Path.Combine(_tree.Root, "a")] = "secret";
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "a/x").Outcome);
    }

    [Fact]
    [Requirement("POL-113", "POL-121")]
    public void A_path_that_comes_in_from_beside_the_tree_is_looked_up_each_time()
    {
        _tree.Policy("", "allow");
        _tree.Policy("secret", "deny");
        var files = new MadeUpFiles();
        CompiledPolicySet set = _tree.Load(files);
        files.Links["/elsewhere"] = Path.Combine(_tree.Root, "a");
        files.Links[Path.Combine(_tree.Root, "out")] = "/elsewhere";
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "/elsewhere/x").Outcome);
        Assert.Equal(VerdictOutcome.Allow, Decide(set, "out/x").Outcome);

        // Nobody watches that place.
        files.Links["/elsewhere"] = Path.Combine(_tree.Root, "secret");
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "/elsewhere/x").Outcome);
        Assert.Equal(VerdictOutcome.Deny, Decide(set, "out/x").Outcome);
    }

    [Fact]
    [Requirement("POL-121")]
    public void Folders_with_the_same_chain_share_one_compiled_set()
    {
        _tree.Policy("", "allow");
        _tree.Policy("a", "deny");
        CompiledPolicySet set = _tree.Load(new MadeUpFiles());
        CompiledPolicySet one = Chain(set, "a/x");
        Assert.Same(one, Chain(set, "a/b/c/y"));
        Assert.Same(one, Chain(set, Path.Combine(_tree.Root, "a", "z")));
        Assert.NotSame(one, Chain(set, "b"));
        CompiledPolicySet[] seen = new CompiledPolicySet[64];
        _tree.Policy("a", "allow");
        CompiledPolicySet again = _tree.Load(new MadeUpFiles());
        Parallel.For(0, seen.Length, i => seen[i] = Chain(again, $"a/{i}"));
        Assert.Single(seen.Distinct());
        Assert.NotSame(one, seen[0]);
    }

    [Fact]
    [Requirement("POL-121")]
    public void Twenty_thousand_paths_and_six_hundred_chains_are_decided_rightly_and_not_all_remembered()
    {
        _tree.Policy("", "allow");
        for (int i = 0; i < 600; i++)
        {
            _tree.Policy("f" + i, "allow", Rule($"no-{i}", "deny", "tool_name == 'a'"));
        }

        CompiledPolicySet set = _tree.Load(new MadeUpFiles());
        CompiledPolicySet first = Chain(set, "f0/x");
        ActionTemplate template = Tool("a");
        for (int i = 0; i < 20_000; i++)
        {
            var input = new PolicyInput(template, GovernedValue.FromJson($"{{\"path\":\"f{i % 600}/{i}\"}}"));
            Assert.Equal($"no-{i % 600}", set.Evaluate(in input).Detail!.Rule);
        }

        Assert.NotSame(first, Chain(set, "f0/x"));
        Assert.True(set.Folders!.Remembered is (<= 8_192, <= 512), set.Folders.Remembered.ToString());
    }

    private static CompiledPolicySet Chain(CompiledPolicySet set, string path) =>
        set.For(GovernedValue.FromJson("{\"path\":" + System.Text.Json.JsonSerializer.Serialize(path) + "}"), default, out _)!;
}
