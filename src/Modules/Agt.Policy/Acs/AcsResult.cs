using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>What one evaluation came to (spec 01, POL-409, 410, 416, 417). Immutable.</summary>
public sealed class AcsResult
{
    internal AcsResult(InterventionPoint point, AcsMode mode, AcsVerdict verdict)
    {
        Point = point;
        Mode = mode;
        Verdict = verdict;
    }

    /// <summary>The point.</summary>
    public InterventionPoint Point { get; }

    /// <summary>The mode.</summary>
    public AcsMode Mode { get; }

    /// <summary>The verdict.</summary>
    public AcsVerdict Verdict { get; }

    /// <summary>What the policy was given, or would have been; absent when the evaluation ended before that was built.</summary>
    public GovernedValue PolicyInput { get; internal init; }

    /// <summary>The policy target after an enforced transform; absent when there was none. This, and nothing else, is what the host then uses.</summary>
    public GovernedValue TransformedPolicyTarget { get; internal init; }

    /// <summary><c>sha256:</c> and 64 digits: SHA-256 of the canonical text of the policy input. Null when no policy decided.</summary>
    public string? InputIdentity { get; internal init; }

    /// <summary>The same with the target that is enforced; differs from <see cref="InputIdentity"/> only after an enforced transform. This is what an approval is bound to. Null when no policy decided.</summary>
    public string? EnforcedIdentity { get; internal init; }

    /// <summary>Why a runtime error is one: for logs, not for models or users. Null when a policy decided.</summary>
    public string? Detail { get; internal init; }

    /// <summary>SHA-256 of the policy input by RFC 8785, for parties that have no canonical text of this specification (POL-X19). Null when no policy decided.</summary>
    public string? JcsIdentity => InputIdentity is null ? null : CanonicalJson.DigestOf(PolicyInput).ToString();

    /// <summary>Whether an escalation waits for an answer that has not come. Nothing runs meanwhile; and what ran before it was judged is not run again.</summary>
    public bool IsSuspended { get; private init; }

    internal AcsResult Suspended() => new(Point, Mode, Verdict) { PolicyInput = PolicyInput, InputIdentity = InputIdentity, EnforcedIdentity = EnforcedIdentity, IsSuspended = true };
}
