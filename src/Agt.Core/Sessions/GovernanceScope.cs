namespace Agt;

/// <summary>
/// What is going on around the current code: the session, and the action inside whose effect it runs. Flows with async calls.
/// </summary>
public static class GovernanceScope
{
    private static readonly AsyncLocal<object?> Ambient = new();

    /// <summary>The session, if code runs in one.</summary>
    public static GovernanceSession? Session => Ambient.Value switch
    {
        GovernedAction action => action.Session,
        GovernanceSession session => session,
        _ => null,
    };

    /// <summary>The action inside whose effect the current code runs, if any.</summary>
    public static GovernedAction? Action => Ambient.Value as GovernedAction;

    /// <summary>Makes a session the ambient one until the result is disposed.</summary>
    /// <example><code>using (GovernanceScope.Enter(session)) { await kernel.InvokePromptAsync("..."); }</code></example>
    public static Scope Enter(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var scope = new Scope(Ambient.Value);
        Ambient.Value = session;
        return scope;
    }

    /// <summary>Makes an action the ambient one until the result is disposed; for adapters whose hooks are split and so cannot use <see cref="IGovernance.InvokeAsync"/>.</summary>
    public static Scope Enter(GovernedAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var scope = new Scope(Ambient.Value);
        Ambient.Value = action;
        return scope;
    }

    internal static void Set(GovernedAction action) => Ambient.Value = action;

    /// <summary>Restores what was ambient before.</summary>
    public readonly struct Scope : IDisposable, IEquatable<Scope>
    {
        private readonly object? _previous;

        internal Scope(object? previous) => _previous = previous;

        /// <summary>Restores what was ambient before.</summary>
        public void Dispose() => Ambient.Value = _previous;

        /// <inheritdoc />
        public bool Equals(Scope other) => ReferenceEquals(_previous, other._previous);

        /// <inheritdoc />
        public override bool Equals(object? obj) => obj is Scope other && Equals(other);

        /// <inheritdoc />
        public override int GetHashCode() => _previous?.GetHashCode() ?? 0;

        /// <summary>Equality of what is restored.</summary>
        public static bool operator ==(Scope left, Scope right) => left.Equals(right);

        /// <summary>Inequality.</summary>
        public static bool operator !=(Scope left, Scope right) => !left.Equals(right);
    }
}
