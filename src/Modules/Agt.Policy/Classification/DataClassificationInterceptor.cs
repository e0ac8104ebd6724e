namespace Agt.Policy.Classification;

/// <summary>Denies tool calls whose data the agent may not work with, withholds results that turn out to be held more closely, and labels the session by what it has seen. Thread-safe.</summary>
internal sealed class DataClassificationInterceptor(DataClassifier classifier) : IInterceptor
{
    private readonly Verdict _unreadable = Verdict.Deny(ReasonCodes.PolicyEvaluationError, "The arguments that state what the data is could not be read.");

    /// <summary>The code of a denial.</summary>
    internal static ReasonCode Reason { get; } = new("policy:classification_denied", DenialCategory.ClassificationDenied, "Data classification denied by governance policy.");

    public string Name => "data-classification";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context));

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context));

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        if (!classifier.Detects || !outcome.Executed || !classifier.Of(context.Template).IsGoverned)
        {
            return default;
        }

        SensitiveLabels found = outcome.Status == OutcomeStatus.Completed ? SensitiveData.FindIn(context.Output) : SensitiveData.FindIn(outcome.Exception?.Message);
        if (found == SensitiveLabels.None)
        {
            return default;
        }

        // Before the result is handed on, and also when it is withheld: it is no secret of the chain that it was there.
        Label(context.Session, found, SensitiveLabels.Pii, "pii");
        Label(context.Session, found, SensitiveLabels.Pci, "pci");
        Label(context.Session, found, SensitiveLabels.Phi, "phi");
        return new(outcome.Status == OutcomeStatus.Completed ? Judge(context, found) : default);
    }

    private static void Label(GovernanceSession session, SensitiveLabels found, SensitiveLabels label, string name)
    {
        if ((found & label) != 0 && !session.Labels.Contains(name))
        {
            session.AddLabel(name);
        }
    }

    private Verdict Decide(OperationContext context) =>
        classifier.Of(context.Template).IsGoverned ? Judge(context, classifier.Detects ? SensitiveData.FindIn(context.Payload) : SensitiveLabels.None) : default;

    private Verdict Judge(OperationContext context, SensitiveLabels found)
    {
        DataAccessPolicy[] policies = classifier.Of(context.Template).Policies;
        if (policies.Length == 0)
        {
            return Verdict.Deny(Reason, "No policy about data is for this agent.");
        }

        DataFacts facts;
        try
        {
            facts = classifier.FactsOf(context.Template, context.Payload, found);
        }
        catch (FormatException)
        {
            return _unreadable;
        }

        foreach (DataAccessPolicy policy in policies)
        {
            if (policy.RefusalOf(facts) is { } refusal)
            {
                return Verdict.Deny(Reason, refusal);
            }
        }

        return default;
    }
}
