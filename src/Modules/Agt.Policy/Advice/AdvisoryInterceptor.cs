using Microsoft.Extensions.Logging;

namespace Agt.Policy.Advice;

/// <summary>Asks a check behind everything else that decides. Its verdict says that it is no deterministic one. Thread-safe.</summary>
internal sealed class AdvisoryInterceptor(IAdvisoryCheck check, ILogger logger, bool failureAllows) : IInterceptor
{
    private const string Marker = "deterministic: false. ";

    internal static ReasonCode Agreed { get; } = new("policy:advisory_agreed", DenialCategory.None, "Allowed.");

    internal static ReasonCode Refused { get; } = new("policy:advisory_denied", DenialCategory.RuleDenied, "Denied by governance policy.");

    internal static ReasonCode Failed { get; } = new("policy:advisory_failed", DenialCategory.PolicyError, "Policy evaluation error.");

    public string Name { get; } = "advisory." + check.Name;

    // The last one: what an earlier stage has denied never comes here.
    public InterceptorStage Stage => InterceptorStage.Content;

    public async ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Point != InterventionPoint.PreToolCall)
        {
            return default;
        }

        AdvisoryOpinion opinion;
        try
        {
            opinion = await check.CheckAsync(context.Action, context.Payload, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            PolicyLog.AdvisoryFailed(logger, check.Name, exception);
            return Said(failureAllows ? VerdictOutcome.Warn : VerdictOutcome.Deny, Failed, $"The check failed: {exception.GetType().Name}.");
        }

        return opinion.Kind switch
        {
            AdviceKind.Agree => Said(VerdictOutcome.Allow, Agreed, opinion.Reason),
            AdviceKind.Escalate => Said(VerdictOutcome.Escalate, ReasonCodes.ApprovalRequired, opinion.Reason),
            _ => Said(VerdictOutcome.Deny, Refused, opinion.Reason),
        };
    }

    private Verdict Said(VerdictOutcome outcome, ReasonCode reason, string? why) => new(outcome, new VerdictDetail(reason) { Rule = check.Name, Explanation = Marker + why });
}
