namespace Agt.Policy;

/// <summary>What policies read of a session, for evaluation without one: tests, the command line, analysis.</summary>
public sealed record PolicySessionFacts
{
    /// <summary>The session's id, or null.</summary>
    public string? Id { get; init; }

    /// <summary>Tool calls so far.</summary>
    public int ToolCalls { get; init; }

    /// <summary>Model calls so far.</summary>
    public int ModelCalls { get; init; }

    /// <summary>Tokens so far.</summary>
    public long Tokens { get; init; }

    /// <summary>Attributes that were set, by name (POL-240); others have their initial value.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Labels so far.</summary>
    public IReadOnlySet<string> Labels { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;
}
