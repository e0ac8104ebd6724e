namespace Agt.Compliance.Packs;

/// <summary>A framework as data: its controls, how they are judged by the records of a log, and from when it applies. Immutable and thread-safe.</summary>
public sealed record CompliancePack
{
    internal CompliancePack(string framework, string title, string version)
    {
        Framework = framework;
        Title = title;
        Version = version;
    }

    /// <summary>The wire name, for example <c>eu_ai_act</c>.</summary>
    public string Framework { get; }

    /// <summary>Its title.</summary>
    public string Title { get; }

    /// <summary>The version of the data.</summary>
    public string Version { get; }

    /// <summary>What the data was written from.</summary>
    public required string Source { get; init; }

    /// <summary>When it was last gone over.</summary>
    public required DateOnly Reviewed { get; init; }

    /// <summary>What the reader of a report must know of this framework, or null.</summary>
    public string? Note { get; init; }

    /// <summary>From when what applies.</summary>
    public IReadOnlyList<FrameworkDate> Dates { get; init; } = [];

    /// <summary>The controls, in the order of the framework.</summary>
    public IReadOnlyList<ComplianceControl> Controls { get; init; } = [];

    /// <summary>Which controls types of actions touch.</summary>
    public IReadOnlyList<ActionMapping> Actions { get; init; } = [];

    /// <summary>The files it was made of: name and SHA-256, in 64 hexadecimal digits.</summary>
    public IReadOnlyList<PackSource> Sources { get; init; } = [];

    internal IReadOnlyList<Obligation> Obligations { get; init; } = [];
}
