using Agt.Values;

namespace Agt;

/// <summary>
/// What stands behind a verdict: the reason, the rule and policy that gave it, and the patches. Immutable; rules make theirs once, when they are compiled.
/// </summary>
public sealed class VerdictDetail
{
    /// <summary>Describes a verdict.</summary>
    /// <param name="reason">Why.</param>
    public VerdictDetail(ReasonCode reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Reason = reason;
    }

    /// <summary>Why.</summary>
    public ReasonCode Reason { get; }

    /// <summary>The full explanation. Restricted: it may name rules and limits, so models and users never see it.</summary>
    public string? Explanation { get; init; }

    /// <summary>What models and users are told instead of the reason's own text; written by the policy's author for them.</summary>
    public string? PublicMessage { get; init; }

    /// <summary>The rule.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy.</summary>
    public string? Policy { get; init; }

    /// <summary>The policy's own version.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The digest of the policy's document.</summary>
    public Digest PolicyDigest { get; init; }

    /// <summary>The key that signed the policy's document; null when signatures are not asked for.</summary>
    public string? PolicySigner { get; init; }

    /// <summary>Changes to make, in order.</summary>
    public IReadOnlyList<Patch> Patches { get; init; } = [];

    /// <summary>Who may approve an escalation; empty for anyone the broker trusts.</summary>
    public IReadOnlyList<string> Approvers { get; init; } = [];

    /// <summary>How long to wait before the same call can pass a rate limit; null when that is not the matter.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A decision that consists of this verdict alone, kept so that it is made once. Owned by the chain.</summary>
    internal Decision? Alone { get; set; }
}
