using System.Collections.Frozen;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// A manifest of the Agent Control Specification: checked, composed with all it extends, and ready to be evaluated by <see cref="AcsRuntime"/>. Immutable. See <see cref="AcsManifestLoader"/>.
/// </summary>
public sealed class AcsManifest
{
    internal AcsManifest(string source, string version, GovernedValue metadata, FrozenDictionary<InterventionPoint, AcsPoint> points)
    {
        Source = source;
        Version = version;
        Metadata = metadata;
        Points = points;
    }

    /// <summary>Where it came from: a file, or what the caller named it.</summary>
    public string Source { get; }

    /// <summary>The version of the specification, one of four (POL-400).</summary>
    public string Version { get; }

    /// <summary>The author's own facts: a JSON object.</summary>
    public GovernedValue Metadata { get; }

    /// <summary>The points that it configures; a request for another is denied.</summary>
    public IReadOnlyDictionary<InterventionPoint, AcsPoint> Points { get; }

    /// <summary>The policies by id.</summary>
    public IReadOnlyDictionary<string, AcsPolicy> Policies { get; internal init; } = FrozenDictionary<string, AcsPolicy>.Empty;

    /// <summary>The catalog of tools by name (case counts): JSON objects.</summary>
    public IReadOnlyDictionary<string, GovernedValue> Tools { get; internal init; } = FrozenDictionary<string, GovernedValue>.Empty;

    /// <summary>What it says of approvals, or null.</summary>
    public AcsApprovalSection? Approval { get; internal init; }

    /// <summary>The bounds that it asks for under <c>metadata.x-agt-limits</c>; they hold where they are tighter than the host's.</summary>
    internal AcsLimits Limits { get; init; } = AcsLimits.None;

    /// <summary>SHA-256 of the canonical text of the composed manifest.</summary>
    public Digest Digest { get; internal init; }
}
