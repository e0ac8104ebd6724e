namespace Agt.Adapters.ExtensionsAI;

/// <summary>A denying decision and its id: all that a reply may be made of.</summary>
internal readonly record struct Denial(Decision Decision, DecisionId Id)
{
    internal string Text => GovernanceDeniedException.Describe(Decision, Id);

    internal static Denial Of(GovernanceDeniedException denied) => new(denied.Decision, denied.DecisionId);

    internal static Denial Of<T>(in GovernedResult<T> result) => new(result.Decision, result.DecisionId);

    internal GovernanceDeniedException ToException() => new(Decision, Id);
}
