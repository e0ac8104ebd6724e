using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>
/// One call of a governed function that the framework's approval wrapper covers, and that is governed once more over it: what was decided on above is not decided on again below, once, and
/// only with the same arguments (ADP-048). Flows with async calls.
/// </summary>
internal sealed class Passage(GovernedAIFunction below, GovernedAction action, GovernedValue payload)
{
    private static readonly AsyncLocal<Passage?> Ambient = new();
    private int _used;

    /// <summary>Opens the way down for all that the calling method calls from now on.</summary>
    internal void Enter() => Ambient.Value = this;

    /// <summary>Whether this very call was decided on already.</summary>
    internal static bool TryTake(GovernedAIFunction function, GovernedAction? parent, GovernedValue arguments) =>
        Ambient.Value is { } passage && passage.Leads(function, parent, arguments);

    /// <summary>Whether there may be a way for a function.</summary>
    internal static bool IsOpenFor(GovernedAIFunction function) => Ambient.Value is { } passage && passage.IsFor(function);

    private bool IsFor(GovernedAIFunction function) => ReferenceEquals(function, below);

    private bool Leads(GovernedAIFunction function, GovernedAction? parent, GovernedValue arguments) =>
        IsFor(function) && ReferenceEquals(parent, action) && PartRewriter.Same(payload, arguments) && Interlocked.Exchange(ref _used, 1) == 0;
}
