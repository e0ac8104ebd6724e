using Agt.Values;

namespace Agt.Policy.Backends;

/// <summary>What an engine decided (spec 01, section 4.4). Immutable.</summary>
/// <param name="Allowed">Whether the action may proceed. False is a denial, and has no <see cref="Error"/>.</param>
public sealed record PolicyBackendResult(bool Allowed)
{
    /// <summary>Why the engine could not decide; null when it could. Denies, whatever <see cref="Allowed"/> says.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the engine has something to say. Only among engines that are asked in turn another one is asked otherwise; elsewhere no opinion is a denial.</summary>
    public bool HasOpinion { get; init; } = true;

    /// <summary>What is to be done with what is permitted.</summary>
    public PolicyBackendEffect Effect { get; init; }

    /// <summary>Why, for the record; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>What models and users are told of a denial; null for the words of the reason code.</summary>
    public string? PublicMessage { get; init; }

    /// <summary>The changes of <see cref="PolicyBackendEffect.Transform"/>, in order; at least one there, and else none.</summary>
    public IReadOnlyList<Patch> Patches { get; init; } = [];

    /// <summary>Who may approve; empty for anyone the broker trusts.</summary>
    public IReadOnlyList<string> Approvers { get; init; } = [];

    /// <summary>The policies that decided, in the engine's own names.</summary>
    public IReadOnlyList<string> DeterminingPolicies { get; init; } = [];

    /// <summary>What was asked, in the engine's own language; null where it has no such thing.</summary>
    public string? Query { get; init; }

    /// <summary>The digest of the policies that were asked.</summary>
    public Digest PolicyDigest { get; init; }
}
