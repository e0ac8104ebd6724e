namespace Agt;

/// <summary>
/// An interceptor that says beforehand which literal texts it denies in the result of an action, so that an adapter may let a stream out piece by piece (spec 08, ADP-132). Every other
/// interceptor has to see the whole result: one of them in the chain, and streams are held back until they are whole.
/// </summary>
/// <remarks>
/// Whoever implements this promises that <see cref="IInterceptor.AfterAsync"/> denies every result with one of the texts in it, denies and changes no other, and that only what the texts
/// contain counts: no pattern, no model, no sum over several results. Thread-safe.
/// </remarks>
public interface IWindowedInterceptor : IInterceptor
{
    /// <summary>The texts that are denied in the result of an action, compared ordinally and without regard to case.</summary>
    /// <param name="action">The action, before it is decided on.</param>
    /// <returns>The texts; empty if no result is denied; null if the whole result of this action has to be seen. What throws counts as null.</returns>
    IReadOnlyList<string>? BlockedLiterals(GovernedAction action);
}
