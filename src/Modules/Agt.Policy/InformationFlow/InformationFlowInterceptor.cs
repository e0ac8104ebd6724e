namespace Agt.Policy.InformationFlow;

/// <summary>
/// Labels a session by what its tools do, before their results are handed on, and holds what sends out once both labels are there: by the rules of the host. Thread-safe.
/// </summary>
internal sealed class InformationFlowInterceptor(InformationFlowOptions options) : IWindowedInterceptor
{
    private readonly InformationFlowSet _rules = new([new InformationFlowRules(options, "information-flow")]);

    public string Name => "information-flow";

    public InterceptorStage Stage => InterceptorStage.Policy;

    /// <summary>Results teach the session labels; none is withheld.</summary>
    public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => [];

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(_rules.Before(context));

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        _rules.After(context, outcome);
        return default;
    }

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => new(_rules.Revalidate(context));
}
