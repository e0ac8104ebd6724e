namespace Agt.Policy.InformationFlow;

/// <summary>As <see cref="InformationFlowInterceptor"/>, by what the policies of the operation say under <c>information_flow</c>. Thread-safe.</summary>
internal sealed class PolicyFlowInterceptor(bool evaluatesOnly) : IInterceptor
{
    public string Name => "policy-information-flow";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (RulesOf(context) is not { Length: > 0 } all)
        {
            return default;
        }

        Verdict verdict = default;
        foreach ((PolicyDocument policy, InformationFlowRules rules) in all)
        {
            if (policy.AppliesTo(context.Template.Principal.Agent.Value))
            {
                verdict = Stricter(verdict, rules.Before(context));
            }
        }

        return new(evaluatesOnly ? EvaluateOnly.Of(verdict) : verdict);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        foreach ((PolicyDocument policy, InformationFlowRules rules) in RulesOf(context))
        {
            if (policy.AppliesTo(context.Template.Principal.Agent.Value))
            {
                rules.After(context, outcome);
            }
        }

        return default;
    }

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        Verdict verdict = default;
        foreach ((PolicyDocument policy, InformationFlowRules rules) in RulesOf(context))
        {
            if (policy.AppliesTo(context.Template.Principal.Agent.Value))
            {
                verdict = Stricter(verdict, rules.Revalidate(context));
            }
        }

        return new(evaluatesOnly ? EvaluateOnly.Of(verdict) : verdict);
    }

    private static (PolicyDocument Policy, InformationFlowRules Rules)[] RulesOf(OperationContext context) => context.Policy is CompiledPolicySet set ? set.InformationFlow : [];

    private static Verdict Stricter(Verdict one, Verdict other) => other.Outcome > one.Outcome ? other : one;
}
