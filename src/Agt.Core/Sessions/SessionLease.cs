namespace Agt;

/// <summary>A session for one root call: the ambient one, or one that ends with the lease.</summary>
public readonly struct SessionLease : IAsyncDisposable, IEquatable<SessionLease>
{
    private readonly bool _owned;

    internal SessionLease(GovernanceSession session, bool owned)
    {
        Session = session;
        _owned = owned;
    }

    /// <summary>The session.</summary>
    public GovernanceSession Session { get; }

    /// <summary>Whether the session was opened for this call and ends with it.</summary>
    public bool IsOwned => _owned;

    /// <summary>Ends the session, if it was opened for this call.</summary>
    public ValueTask DisposeAsync() => _owned ? Session.DisposeAsync() : default;

    /// <inheritdoc />
    public bool Equals(SessionLease other) => ReferenceEquals(Session, other.Session) && _owned == other._owned;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is SessionLease other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Session, _owned);

    /// <summary>Equality of session and ownership.</summary>
    public static bool operator ==(SessionLease left, SessionLease right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(SessionLease left, SessionLease right) => !left.Equals(right);
}
