using System.Security.Cryptography;
using System.Text;
using Agt.Policy.Limits;
using Agt.Policy.Limits.Drift;
using CsCheck;

namespace Agt.Policy.Tests.Limits;

public sealed class DriftTests
{
    private const string Report = "The quarterly report is ready: revenue rose by 4 percent.";
    private const string Lure = "BUY NOW! Send your wallet key to win!!!";

    [Theory]
    [InlineData("the quick brown fox", "the quick brown cat", 0.157895)]
    [InlineData("abcd", "bcde", 0.25)]
    [InlineData("kitten", "sitting", 0.384615)]
    [InlineData("", "", 0)]
    [InlineData("", "a", 1)]
    [InlineData("same", "same", 0)]
    [Requirement("ADP-090", "POL-164")]
    public void The_score_is_that_of_the_specification(string first, string second, double score) =>
        Assert.Equal(score, 1 - new BlockMatcher().Ratio(first, second)!.Value, 6);

    [Fact]
    [Requirement("ADP-090")]
    public void Blocks_are_those_that_a_search_by_hand_finds()
    {
        var matcher = new BlockMatcher();
        Gen<string> texts = Gen.Int[0, 3].Select(i => (char)('a' + i)).Array[0, 24].Select(characters => new string(characters));
        Gen.Select(texts, texts).Sample(
            (a, b) => Assert.Equal(a.Length + b.Length == 0 ? 1 : 2.0 * ByHand(a, b) / (a.Length + b.Length), matcher.Ratio(a, b)!.Value, 12), iter: 20_000, threads: 1);
    }

    [Fact]
    [Requirement("ADP-092")]
    public void The_work_is_bounded_whatever_the_texts()
    {
        // No block is longer than one character, and every one of them leaves almost everything to do again.
        string one = new([.. Enumerable.Range(0, BlockMatcher.LongestText).Select(i => (char)(0x3000 + i))]);
        string other = string.Concat(Enumerable.Range(0, BlockMatcher.LongestText / 2).Select(i => $"{(char)(0x3000 + i)}{(char)(0x8000 + i)}"));

        Assert.Null(new BlockMatcher().Ratio(one, other));
        Assert.Equal(1, new DriftBaseline(one, HashOf(one)).ScoreOf(other, HashOf(other), new BlockMatcher()));
    }

    [Fact]
    [Requirement("ADP-092")]
    public void Long_texts_are_compared_by_runs_of_five_characters()
    {
        string first = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"line {i} "));
        string half = first[..(first.Length / 2)];

        Assert.Equal(1 - Exact(first, half), Score(first, half), 12);
        Assert.Equal(0, Score(first, first));
        Assert.Equal(1, Score(first, new string('x', 5_000)));

        // Very many different runs: the smallest hashes of them tell it within two percent.
        string many = string.Concat(Enumerable.Range(0, 60_000).Select(i => (char)(0x4E00 + (i * 7_919 % 20_000))));
        string some = many[..40_000];
        Assert.InRange(Score(many, some) - (1 - Exact(many, some)), -0.02, 0.02);

        static double Score(string one, string other) => new DriftBaseline(one, HashOf(one)).ScoreOf(other, HashOf(other), new BlockMatcher());
        static double Exact(string one, string other)
        {
            HashSet<string> a = [.. Runs(one)], b = [.. Runs(other)];
            int shared = a.Count(b.Contains);
            return (double)shared / (a.Count + b.Count - shared);
        }

        static IEnumerable<string> Runs(string text) => Enumerable.Range(0, text.Length - 4).Select(i => text.Substring(i, 5));
    }

    [Fact]
    [Requirement("ADP-090", "ADP-094", "ADP-C59", "POL-164")]
    public async Task The_first_result_is_the_baseline_and_drift_from_it_is_an_event_with_both_hashes()
    {
        await using var desk = new LimitsDesk(new GovernancePolicy { DriftThreshold = 0.4 });
        LimitEventArgs? told = null;
        desk.Monitor.Raised += (_, args) => told = args;
        Assert.True((await desk.CallAsync("a", result: Report)).IsAllowed);
        Assert.True((await desk.CallAsync("a", result: Report.Replace('4', '5'))).IsAllowed);
        Assert.Null(told);

        GovernedResult<string> drifted = await desk.InvokeAsync("a", result: Lure);

        Assert.Equal(Lure, drifted.Value);
        Assert.Empty(drifted.ResultDecision!.Contributions);
        DriftResult drift = told!.Drift!;
        Assert.Equal((true, 0.4, HashOf(Report), HashOf(Lure)), (drift.IsExceeded, drift.Threshold, drift.Baseline, drift.Current));
        Assert.Equal(drift.Score, told.Value);
        Assert.StartsWith("EXCEEDED", drift.ToString(), StringComparison.Ordinal);
        Assert.Equal([("drift_detected", drift.Score)], desk.Seen);

        // Always from the first one, not from the one before.
        Assert.True((await desk.CallAsync("a", result: Report)).IsAllowed);
        Assert.Single(desk.Seen);
    }

    [Fact]
    [Requirement("ADP-090")]
    public void A_score_at_the_threshold_is_not_over_it()
    {
        var at = new DriftResult(0.5, 0.5, default, default);
        Assert.False(at.IsExceeded);
        Assert.Equal("OK (score 0.5, threshold 0.5)", at.ToString());
    }

    [Fact]
    [Requirement("ADP-091")]
    public async Task Every_tool_has_a_baseline_of_its_own_and_a_threshold_of_nothing_measures_nothing()
    {
        await using var desk = new LimitsDesk(new GovernancePolicy { DriftThreshold = 0.4 });
        await desk.CallAsync("a", result: Report);
        await desk.CallAsync("b", result: Lure);
        Assert.Empty(desk.Seen);
        await desk.CallAsync("b", result: Report);
        Assert.Single(desk.Seen);

        await using var off = new LimitsDesk(new GovernancePolicy { DriftThreshold = 0 });
        await off.CallAsync("a", result: Report);
        await off.CallAsync("a", result: Lure);
        Assert.Empty(off.Seen);
    }

    [Theory]
    [InlineData(DriftAction.Event, true, VerdictOutcome.Allow)]
    [InlineData(DriftAction.Warn, true, VerdictOutcome.Warn)]
    [InlineData(DriftAction.Deny, false, VerdictOutcome.Deny)]
    [Requirement("ADP-092")]
    public async Task Drift_leads_to_what_the_host_says(DriftAction action, bool delivered, VerdictOutcome outcome)
    {
        await using var desk = new LimitsDesk(new GovernancePolicy { DriftThreshold = 0.4 }, limits: options => options.DriftAction = action);
        await desk.CallAsync("a", result: Report);

        GovernedResult<string> drifted = await desk.InvokeAsync("a", result: Lure);

        Assert.Equal((delivered ? Lure : null, outcome, true), (drifted.Value, drifted.ResultDecision!.Outcome, drifted.Executed));
        Assert.Equal(action != DriftAction.Event, drifted.ResultDecision.Contributions.Any(one => one.Verdict.Detail?.Reason.Code == "policy:drift"));
        Assert.Single(desk.Seen);
    }

    [Fact]
    [Requirement("ADP-093")]
    public async Task A_store_that_fails_changes_nothing_and_the_one_in_memory_is_bounded()
    {
        var failing = new FailingStore();
        await using var desk = new LimitsDesk(new GovernancePolicy { CheckpointFrequency = 3 }, limits: options => options.Checkpoints = failing);
        for (int i = 0; i < 7; i++)
        {
            Assert.True((await desk.CallAsync("a")).IsAllowed);
        }

        Assert.Equal(["checkpoint-3", "checkpoint-6"], failing.Asked);

        var store = new MemoryCheckpointStore(2);
        AgentId agent = AgentId.Parse("a");
        for (int i = 1; i <= 3; i++)
        {
            await store.SaveAsync(new Checkpoint($"checkpoint-{i}", new SessionId("s"), agent, "p", i, default), TestContext.Current.CancellationToken);
        }

        Assert.Equal([2, 3], (await store.ListAsync(agent, new SessionId("s"), TestContext.Current.CancellationToken)).Select(one => one.Calls));
        Assert.Empty(await store.ListAsync(AgentId.Parse("b"), new SessionId("s"), TestContext.Current.CancellationToken));
    }

    private static Values.Digest HashOf(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static int ByHand(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int best = 0, atA = 0, atB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < b.Length; j++)
            {
                int length = a[i..].CommonPrefixLength(b[j..]);
                if (length > best)
                {
                    (best, atA, atB) = (length, i, j);
                }
            }
        }

        return best == 0 ? 0 : best + ByHand(a[..atA], b[..atB]) + ByHand(a[(atA + best)..], b[(atB + best)..]);
    }

    private sealed class FailingStore : ICheckpointStore
    {
        internal List<string> Asked { get; } = [];

        public ValueTask SaveAsync(Checkpoint checkpoint, CancellationToken cancellationToken = default)
        {
            Asked.Add(checkpoint.Name);
            throw new IOException("full");
        }

        public ValueTask<IReadOnlyList<Checkpoint>> ListAsync(AgentId agent, SessionId session, CancellationToken cancellationToken = default) => new([]);
    }
}
