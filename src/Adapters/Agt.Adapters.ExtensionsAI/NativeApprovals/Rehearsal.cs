namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>What would become of a call if it ran now.</summary>
/// <param name="Denial">Why it may not run; null if it may, or needs a person's word.</param>
/// <param name="Question">What a person would be asked; null if nobody has to be.</param>
internal sealed record Rehearsal(Denial? Denial, Question? Question)
{
    internal static Rehearsal Allowed { get; } = new(null, null);

    internal bool IsAllowed => Denial is null && Question is null;

    internal static Rehearsal Of(GovernedOperation operation)
    {
        Decision decision = operation.Decision;
        return decision.IsAllowed ? Allowed
            : decision.Reason == ReasonCodes.ApprovalRequired ? new Rehearsal(null, Question.Of(operation))
            : new Rehearsal(new Denial(decision, operation.DecisionId), null);
    }
}
