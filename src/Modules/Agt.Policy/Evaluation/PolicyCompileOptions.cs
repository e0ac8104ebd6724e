using System.ComponentModel.DataAnnotations;

namespace Agt.Policy;

/// <summary>How a set is compiled.</summary>
public sealed record PolicyCompileOptions
{
    /// <summary>The defaults.</summary>
    public static PolicyCompileOptions Default { get; } = new();

    /// <summary>The number of the set, growing with every reload. Default 1.</summary>
    [Range(1, long.MaxValue)]
    public long Generation { get; init; } = 1;

    /// <summary>
    /// How many characters one evaluation may scan with <c>contains</c>, <c>matches</c>, <c>like</c> and functions. Beyond it the action is denied with
    /// <see cref="ReasonCodes.PolicyEvaluationError"/>. Default 16,777,216.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxScannedCharacters { get; init; } = 16 * 1_024 * 1_024;
}
