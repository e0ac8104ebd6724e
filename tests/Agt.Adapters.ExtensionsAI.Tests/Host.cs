using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>A host with a chain of given interceptors and an in-memory log; nothing of it is faked but the clock.</summary>
internal sealed class Host : IDisposable
{
    internal Host(params IInterceptor[] interceptors)
        : this(_ => { }, interceptors)
    {
    }

    internal Host(Action<IGovernanceBuilder> configure, params IInterceptor[] interceptors)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        services.AddLogging();
        IGovernanceBuilder builder = services.AddGovernance(options =>
        {
            options.RequirePolicy = false;
            options.SessionLimits = SessionLimits.Unlimited;
            options.MaxApprovalsPerMinute = null;
        });
        if (interceptors.Length == 0)
        {
            builder.AddInterceptor(new TestInterceptor("silent"));
        }

        foreach (IInterceptor interceptor in interceptors)
        {
            builder.AddInterceptor(interceptor);
        }

        configure(builder);
        Services = services.BuildServiceProvider();
    }

    internal ServiceProvider Services { get; }

    internal IGovernance Governance => Services.GetRequiredService<IGovernance>();

    /// <summary>Decisions and outcomes, without those of sessions.</summary>
    internal IReadOnlyList<LoggedRecord> Records =>
        [.. Services.GetRequiredService<InMemoryDecisionLog>().Snapshot().Where(r => r.Template.Point != InterventionPoint.AgentStartup)];

    internal IReadOnlyList<LoggedRecord> Decisions(InterventionPoint point) => [.. Records.Where(r => !r.IsOutcome && r.Template.Point == point)];

    /// <summary>Governs a scripted model, with the function loop in between.</summary>
    internal IChatClient Govern(ScriptedChatClient model, Action<ExtensionsAIGovernanceOptions>? configure = null) =>
        model.AsBuilder().UseGovernance(null, configure).Build(Services);

    public void Dispose() => Services.Dispose();

    /// <summary>An interceptor that gives a verdict at one point only: a result point after, another before.</summary>
    internal static TestInterceptor At(InterventionPoint point, Func<OperationContext, Verdict> verdict) => new("secret-rule-name")
    {
        Before = (context, _) => new(context.Point == point ? verdict(context) : default),
        After = (context, outcome, _) => new(context.Point == point && outcome.Executed ? verdict(context) : default),
    };

    internal static Verdict Redact(string path) => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Redact(PatchPath.Parse(path)));

    internal static Verdict Redact(string path, string word) => Verdict.Transform(
        ReasonCodes.RuleMatched,
        Patch.Redact(PatchPath.Parse(path), new System.Text.RegularExpressions.Regex(word, System.Text.RegularExpressions.RegexOptions.NonBacktracking)));

    internal static Verdict Set(string path, string json) =>
        Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse(path), GovernedValue.FromJson(json)));

    internal static Verdict Deny() => Verdict.Deny(ReasonCodes.RuleDenied, "secret explanation");
}
