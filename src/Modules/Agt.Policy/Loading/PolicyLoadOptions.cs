namespace Agt.Policy;

/// <summary>Bounds on policy files (POL-018, POL-060). Beyond them a file is refused.</summary>
public sealed record PolicyLoadOptions
{
    /// <summary>The default bounds.</summary>
    public static PolicyLoadOptions Default { get; } = new();

    /// <summary>Bytes of one file. Default 1,048,576.</summary>
    public int MaxBytes { get; init; } = 1_048_576;

    /// <summary>Nodes of one file, aliases counted as often as they are used. Default 100,000.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>Nesting of one file. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Files of one directory. Default 1,000.</summary>
    public int MaxFiles { get; init; } = 1_000;

    /// <summary>Bounds on conditions.</summary>
    public ConditionLimits Conditions { get; init; } = ConditionLimits.Default;
}
