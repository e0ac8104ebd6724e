namespace Agt.Policy.Backends;

/// <summary>One engine in the chain, beside the documents: all have to allow (POL-261, <c>all_must_allow</c>). Silent where engines are asked in turn instead. Thread-safe.</summary>
internal sealed class BackendInterceptor(BackendVerdicts verdicts, bool isAsked) : IInterceptor
{
    public string Name => verdicts.Policy;

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => AskAsync(context, false, cancellationToken);

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) =>
        outcome.Status == OutcomeStatus.Completed ? AskAsync(context, true, cancellationToken) : default;

    /// <summary>The engine may by now say no; what it wants a person for, a person has seen.</summary>
    public async ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        Verdict now = await AskAsync(context, false, cancellationToken).ConfigureAwait(false);
        return now.Outcome == VerdictOutcome.Deny ? now : default;
    }

    private async ValueTask<Verdict> AskAsync(OperationContext context, bool isAfter, CancellationToken cancellationToken) =>
        !isAsked ? default : await verdicts.AskAsync(context, isAfter, cancellationToken).ConfigureAwait(false) ?? verdicts.NoOpinion();
}
