using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>A value of a manifest with its place.</summary>
internal readonly record struct AcsPlaced(GovernedValue Value, string Source, SourcePosition Position)
{
    private static readonly ValueComparer Comparer = ValueComparer.Exact;

    internal bool IsSameAs(AcsPlaced other) => Comparer.Equals(Value, other.Value);
}

/// <summary>A text of a manifest with its place.</summary>
internal readonly record struct AcsPlacedText(string Text, string Source, SourcePosition Position);

/// <summary>One entry of <c>extends</c>.</summary>
internal sealed record AcsReference(string Target, bool IsUrl, byte[]? Sha256, SourcePosition Position);

/// <summary>One manifest file, its shape checked, before it is composed with what it extends.</summary>
internal sealed class AcsDraft(string source)
{
    internal string Source => source;

    internal AcsPlacedText? Version { get; set; }

    internal AcsPlaced Metadata { get; set; } = new(AcsValues.EmptyMap, source, default);

    internal List<AcsReference> Extends { get; } = [];

    internal SortedDictionary<string, AcsPlaced> Policies { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<InterventionPoint, AcsPointDraft> Points { get; } = [];

    internal SortedDictionary<string, AcsPlaced> Tools { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, AcsPlaced> Annotators { get; } = new(StringComparer.Ordinal);

    internal AcsPlaced? Approval { get; set; }
}

/// <summary>What one manifest file says of a point.</summary>
internal sealed class AcsPointDraft(string source, SourcePosition position)
{
    internal string Source => source;

    internal SourcePosition Position => position;

    internal AcsPlacedText? Target { get; set; }

    internal AcsPlacedText? Kind { get; set; }

    internal AcsPlacedText? ToolNameFrom { get; set; }

    internal AcsPlaced? Policy { get; set; }

    internal SortedDictionary<string, AcsPlaced> Annotations { get; } = new(StringComparer.Ordinal);
}
