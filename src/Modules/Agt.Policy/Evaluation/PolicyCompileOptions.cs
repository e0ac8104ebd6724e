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

    /// <summary>Whose rules of evaluation hold. Default <see cref="PolicyProfile.Strict"/>.</summary>
    public PolicyProfile Profile { get; init; }

    /// <summary>Which of several rules that match decides; null for that of the profile: <see cref="ConflictStrategy.DenyOverrides"/>, or <see cref="ConflictStrategy.PriorityFirstMatch"/> in <see cref="PolicyProfile.AgentOs10"/>.</summary>
    public ConflictStrategy? Strategy { get; init; }

    internal ConflictStrategy EffectiveStrategy => Strategy ?? (Profile == PolicyProfile.AgentOs10 ? ConflictStrategy.PriorityFirstMatch : ConflictStrategy.DenyOverrides);

    /// <summary>
    /// How many characters one evaluation may scan with <c>contains</c>, <c>matches</c>, <c>like</c> and functions. Beyond it the action is denied with
    /// <see cref="ReasonCodes.PolicyEvaluationError"/>. Default 16,777,216.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxScannedCharacters { get; init; } = 16 * 1_024 * 1_024;
}
