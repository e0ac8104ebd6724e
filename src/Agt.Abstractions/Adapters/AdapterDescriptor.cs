namespace Agt.Adapters;

/// <summary>What an adapter covers, as a fact that users can read (ADP 4.1). Immutable.</summary>
public sealed record AdapterDescriptor
{
    /// <summary>The adapter's name, for example <c>semantic-kernel</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The framework.</summary>
    public required string Framework { get; init; }

    /// <summary>The framework's package.</summary>
    public required string PackageId { get; init; }

    /// <summary>The oldest version that works.</summary>
    public required string MinVersion { get; init; }

    /// <summary>The versions it is tested with.</summary>
    public required IReadOnlyList<string> TestedVersions { get; init; }

    /// <summary>The points it covers.</summary>
    public required IReadOnlyList<InterventionPoint> Points { get; init; }

    /// <summary>What it can do there.</summary>
    public required AdapterCapabilities Capabilities { get; init; }

    /// <summary>The ways around its hooks.</summary>
    public IReadOnlyList<KnownBypass> KnownBypasses { get; init; } = [];
}
