using System.Diagnostics;
using Agt.Audit;
using Agt.Events;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class RecordTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-146")]
    public async Task Without_a_record_nothing_runs(bool throws)
    {
        bool ran = false;
        var log = new BrokenLog(throws);
        using var chain = new ChainFixture(builder => builder.UseDecisionLog(log), new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        log.Broken = true;

        GovernedResult<string> result = await chain.RunAsync(onEffect: () => ran = true, session: session);

        Assert.False(ran);
        Assert.Equal(ReasonCodes.AuditUnavailable, result.Decision.Reason);
        Assert.Equal(0, session.ToolCalls);
    }

    [Fact]
    public async Task The_decision_is_recorded_before_the_effect_and_the_outcome_after_it()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        int recordsAtEffect = -1;

        await chain.RunAsync(onEffect: () => recordsAtEffect = chain.Records.Count);

        Assert.Equal(1, recordsAtEffect);
        Assert.Equal(2, chain.Records.Count);
        Assert.Equal(chain.Records[0].DecisionId, chain.Records[1].DecisionId);
    }

    [Fact]
    [Requirement("POL-098")]
    public async Task Equal_decisions_have_equal_digests_and_different_ids()
    {
        using var chain = new ChainFixture(new TestInterceptor("x") { Before = ChainTests.OnTool(_ => ChainTests.Redaction("args.path")) });

        GovernedResult<string> first = await chain.RunAsync();
        GovernedResult<string> second = await chain.RunAsync();

        Assert.Equal(chain.Records[0].Decision!.Digest, chain.Records[2].Decision!.Digest);
        Assert.NotEqual(first.DecisionId, second.DecisionId);
    }

    [Fact]
    [Requirement("ADP-095", "ADP-096", "POL-302")]
    public async Task Observers_hear_of_the_check_first_and_one_that_throws_changes_nothing()
    {
        var heard = new List<GovernanceEventKind>();
        using var chain = new ChainFixture(
            builder => builder.AddObserver(new Observer(_ => throw new InvalidOperationException())).AddObserver(new Observer(e =>
            {
                if (e.Action.Template.Point == InterventionPoint.PreToolCall)
                {
                    heard.Add(e.Kind);
                }
            })),
            new TestInterceptor("x") { Before = ChainTests.OnTool(_ => Verdict.Deny(ReasonCodes.RuleDenied)) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal([GovernanceEventKind.PolicyCheck, GovernanceEventKind.ToolCallBlocked], heard);
        Assert.Equal(ReasonCodes.RuleDenied, result.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-144", "ADP-145", "POL-317")]
    public async Task Traces_metrics_and_logs_follow_the_conventions_and_hold_no_content()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Agt",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var chain = new ChainFixture(new TestInterceptor("x") { Before = ChainTests.OnTool(_ => Verdict.Deny(ReasonCodes.RuleDenied)) });
        GovernanceSession session = await chain.OpenAsync();
        var action = new GovernedAction(chain.Tool, session, GovernedValue.FromJson("""{"path":"canary-7f3a"}"""), callId: "call-77");

        await using (await chain.Governance.AuthorizeAsync(action))
        {
        }

        Activity activity;
        lock (activities)
        {
            activity = Assert.Single(activities, candidate => (string?)candidate.GetTagItem("gen_ai.tool.call.id") == "call-77");
        }

        Assert.Equal("execute_tool Files.Delete", activity.DisplayName);
        Assert.Equal("execute_tool", activity.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("billing-1", activity.GetTagItem("gen_ai.agent.id"));
        Assert.Equal("deny", activity.GetTagItem("agt.decision"));
        Assert.Equal(ActivityStatusCode.Error, activity.Status);
        Assert.DoesNotContain(activity.TagObjects, tag => tag.Value?.ToString()?.Contains("canary", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(chain.Logs.GetSnapshot(), record => record.Message.Contains("canary", StringComparison.Ordinal));
        Assert.Contains(chain.Logs.GetSnapshot(), record => record.Message.Contains("rule_denied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_in_memory_keeps_the_latest_and_counts_all()
    {
        var log = new InMemoryDecisionLog(16);
        using var chain = new ChainFixture(builder => builder.UseDecisionLog(log), new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();

        for (int i = 0; i < 20; i++)
        {
            await chain.RunAsync(session: session);
        }

        Assert.Equal(41, log.Appended);
        Assert.Equal(Enumerable.Range(25, 16).Select(i => (long)i), log.Snapshot().Select(record => record.Sequence));
    }

    private sealed class Observer(Action<GovernanceEvent> take) : IGovernanceObserver
    {
        public void OnEvent(in GovernanceEvent governanceEvent) => take(governanceEvent);
    }

    private sealed class BrokenLog(bool throws) : IDecisionLog
    {
        public bool Broken { get; set; }

        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken) =>
            !Broken ? default : throws ? throw new IOException("disk full") : ValueTask.FromException(new IOException("disk full"));

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) => default;
    }
}
