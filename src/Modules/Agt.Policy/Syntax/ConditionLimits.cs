namespace Agt.Policy;

/// <summary>Bounds on one condition (POL-060). Beyond them the document is refused.</summary>
public sealed record ConditionLimits
{
    /// <summary>The default bounds.</summary>
    public static ConditionLimits Default { get; } = new();

    /// <summary>Characters of a condition's text. Default 2,000.</summary>
    public int MaxLength { get; init; } = 2_000;

    /// <summary>Nesting of parentheses, <c>not</c>, calls and structured groups. Default 20.</summary>
    public int MaxDepth { get; init; } = 20;

    /// <summary>Nodes. Default 256.</summary>
    public int MaxNodes { get; init; } = 256;

    /// <summary>Items of a list. Default 1,024.</summary>
    public int MaxListItems { get; init; } = 1_024;

    /// <summary>Characters of a pattern. Default 2,048.</summary>
    public int MaxPatternLength { get; init; } = 2_048;
}
