namespace Agt.Policy.InformationFlow;

/// <summary>As <see cref="InformationFlowInterceptor"/>, by what the policies of the operation say under <c>information_flow</c>. Thread-safe.</summary>
internal sealed class PolicyFlowInterceptor(bool evaluatesOnly) : IWindowedInterceptor
{
    public string Name => "policy-information-flow";

    public InterceptorStage Stage => InterceptorStage.Policy;

    /// <summary>Results teach the session labels; none is withheld.</summary>
    public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => [];

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Heard(RulesOf(context).Before(context)));

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        RulesOf(context).After(context, outcome);
        return default;
    }

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => new(Heard(RulesOf(context).Revalidate(context)));

    private static InformationFlowSet RulesOf(OperationContext context) => context.Policy is CompiledPolicySet set ? set.InformationFlow : InformationFlowSet.None;

    private Verdict Heard(Verdict verdict) => evaluatesOnly ? EvaluateOnly.Of(verdict) : verdict;
}
