using System.Diagnostics;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agt.Core.Tests.Attacks;

public sealed class FailureAttacks
{
    [Fact]
    public async Task A_policy_source_that_throws_is_a_recorded_denial()
    {
        var source = new BreakingSource();
        using var chain = new ChainFixture(
            builder => builder.Services.AddSingleton<IPolicySource>(source), new TestInterceptor("policy", InterceptorStage.Policy));
        GovernanceSession session = await chain.OpenAsync(live: true);
        source.Broken = true;

        GovernedResult<string> result = await chain.RunAsync(session: session);

        Assert.False(result.Executed);
        Assert.Equal(ReasonCodes.PolicyMissing, result.Decision.Reason);
        Assert.Equal(0, session.ToolCalls);
        Assert.Single(chain.Records);
    }

    [Fact]
    public async Task A_policy_source_that_throws_once_a_person_has_approved_is_a_recorded_denial()
    {
        var source = new BreakingSource();
        using var chain = new ChainFixture(
            builder =>
            {
                builder.Services.AddSingleton<IPolicySource>(source);
                builder.AddApprovals((request, _) =>
                {
                    source.Broken = true;
                    return new(request.Approve("alice"));
                });
            },
            new TestInterceptor("policy", InterceptorStage.Policy) { Before = ChainTests.OnTool(_ => Verdict.Escalate()) });
        GovernanceSession session = await chain.OpenAsync(live: true);

        GovernedResult<string> result = await chain.RunAsync(session: session);

        Assert.False(result.Executed);
        Assert.Equal(0, session.ToolCalls);
        Assert.Single(chain.Records);
    }

    [Fact]
    public async Task An_action_too_deep_to_be_shown_to_a_person_is_a_recorded_denial()
    {
        using var chain = new ChainFixture(
            options =>
            {
                options.RequirePolicy = false;
                options.PayloadLimits = new PayloadLimits { MaxDepth = 2 };
            },
            builder => builder.AddApprovals((request, _) => new(request.Approve("alice"))),
            new TestInterceptor("x")
            {
                Before = ChainTests.OnTool(_ => new Verdict(VerdictOutcome.Escalate, new VerdictDetail(ReasonCodes.ApprovalRequired)
                {
                    Patches = [Patch.Set(PatchPath.Parse("args.a"), GovernedValue.FromJson("""{"b":{"c":1}}"""))],
                })),
            });
        GovernanceSession session = await chain.OpenAsync();

        GovernedResult<string> result = await chain.RunAsync(session: session);

        Assert.False(result.Executed);
        Assert.Equal(0, session.ToolCalls);
        Assert.Single(chain.Records);
    }

    [Fact]
    public async Task A_callback_that_throws_when_time_is_up_does_not_hide_the_denial()
    {
        using var chain = new ChainFixture(new TestInterceptor("hangs")
        {
            Before = (context, token) =>
            {
                if (context.Point != InterventionPoint.PreToolCall)
                {
                    return default;
                }

                token.Register(() => throw new InvalidOperationException("callback"));
                return new ValueTask<Verdict>(new TaskCompletionSource<Verdict>().Task);
            },
        });
        GovernanceSession session = await chain.OpenAsync();

        Task<GovernedResult<string>> run = chain.RunAsync(session: session);
        chain.Time.Advance(TimeSpan.FromSeconds(6));
        GovernedResult<string> result = await run;

        Assert.Equal(ReasonCodes.InterceptorTimeout, result.Decision.Reason);
        Assert.Equal(0, session.ToolCalls);
        Assert.Single(chain.Records);
    }

    [Fact]
    public async Task Loggers_and_trace_listeners_that_throw_change_nothing()
    {
        bool armed = false;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Agt",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity => Throw(activity),
            ActivityStopped = activity => Throw(activity),
        };
        ActivitySource.AddActivityListener(listener);
        bool deny = false;
        using var chain = new ChainFixture(
            builder => builder.Services.AddLogging(logging => logging.AddProvider(new ThrowingLogs())),
            new TestInterceptor("x") { Before = ChainTests.OnTool(_ => deny ? throw new InvalidOperationException("x") : default) });
        GovernanceSession session = await chain.OpenAsync();
        armed = true;

        GovernedResult<string> allowed = await chain.RunAsync(session: session);
        deny = true;
        GovernedResult<string> denied = await chain.RunAsync(session: session);
        armed = false;

        Assert.True(allowed.IsAllowed);
        Assert.Equal(ReasonCodes.InterceptorFailed, denied.Decision.Reason);
        Assert.Equal(1, session.ToolCalls);
        Assert.Equal(3, chain.Records.Count);

        void Throw(Activity activity)
        {
            if (armed && activity.DisplayName.EndsWith("Files.Delete", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("listener");
            }
        }
    }

    [Fact]
    public async Task A_codec_that_throws_when_a_person_would_judge_the_result_leaves_an_outcome_and_no_result()
    {
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) => new(request.Approve("alice"))),
            new TestInterceptor("post") { After = (context, _, _) => new(context.Point == InterventionPoint.PostToolCall ? Verdict.Escalate() : default) });
        GovernanceSession session = await chain.OpenAsync();

        GovernedResult<int> result = await chain.Governance.InvokeAsync(chain.Call(session), 0, static (_, _, _) => new ValueTask<int>(5), TextCodec.Instance);

        Assert.False(result.IsAllowed);
        Assert.True(result.Executed);
        Assert.Equal(OutcomeStatus.Completed, Assert.Single(chain.Records, record => record.IsOutcome).Status);
    }

    private sealed class BreakingSource : IPolicySource
    {
        private readonly TestPolicySource.Snapshot _snapshot = new(1, null);

        public bool Broken { get; set; }

        public IPolicySnapshot Current => Broken ? throw new IOException("gone") : _snapshot;
    }

    private sealed class ThrowingLogs : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("log disk full");

        public void Dispose()
        {
        }
    }
}
