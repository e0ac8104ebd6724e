using Agt.Values;

namespace Agt;

/// <summary>One immutable, compiled set of policies. A session keeps the one it began with.</summary>
public interface IPolicySnapshot
{
    /// <summary>The digest of the set (POL 5.7).</summary>
    Digest SetDigest { get; }

    /// <summary>Grows with every reload.</summary>
    long Generation { get; }

    /// <summary>Bounds the policies set for every session; null for none.</summary>
    SessionLimits? SessionLimits { get; }

    /// <summary>The attributes that sessions have, by name (POL-240).</summary>
    IReadOnlyDictionary<string, SessionAttributeDefinition> SessionAttributes => System.Collections.Immutable.ImmutableDictionary<string, SessionAttributeDefinition>.Empty;
}
