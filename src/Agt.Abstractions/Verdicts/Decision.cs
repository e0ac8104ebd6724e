using System.Text;
using Agt.Values;

namespace Agt;

/// <summary>The final word on an action: the outcome, every contributing verdict in order, and the composed patches. Immutable, and shared between equal plain decisions.</summary>
public sealed class Decision
{
    private readonly Contribution[] _contributions;
    private System.Runtime.CompilerServices.StrongBox<Digest>? _digest;

    internal Decision(VerdictOutcome outcome, VerdictDetail detail, Contribution[] contributions, IPolicySnapshot? policy, bool isEnforced = true)
    {
        IsEnforced = isEnforced;
        Outcome = outcome;
        Detail = detail;
        _contributions = contributions;
        Snapshot = policy;
        PolicySetDigest = policy?.SetDigest ?? default;
        PolicyGeneration = policy?.Generation ?? 0;
    }

    /// <summary>
    /// The final outcome: <see cref="VerdictOutcome.Allow"/> or <see cref="VerdictOutcome.Warn"/> (may proceed), or <see cref="VerdictOutcome.Deny"/>. Where the host only evaluates
    /// (<see cref="IsEnforced"/>), also <see cref="VerdictOutcome.Escalate"/>: a person would have been asked.
    /// </summary>
    public VerdictOutcome Outcome { get; }

    /// <summary>
    /// Whether the decision holds. False where the host only evaluates (spec 08, ADP-050): it says what would have been decided, and nothing was denied, changed or asked for it. No part of
    /// <see cref="Digest"/>: the same decision has the same digest in both modes.
    /// </summary>
    public bool IsEnforced { get; }

    /// <summary>Whether the action may proceed.</summary>
    public bool IsAllowed => Outcome is VerdictOutcome.Allow or VerdictOutcome.Warn;

    /// <summary>The detail that decided.</summary>
    public VerdictDetail Detail { get; }

    /// <summary>Why.</summary>
    public ReasonCode Reason => Detail.Reason;

    /// <summary>The only text that models and users may see.</summary>
    public string PublicMessage => Detail.PublicMessage ?? Detail.Reason.PublicMessage;

    /// <summary>Every verdict that said something, in the order of the chain.</summary>
    public IReadOnlyList<Contribution> Contributions => _contributions;

    /// <summary>The digest of the policy set that applied; empty when there was none.</summary>
    public Digest PolicySetDigest { get; }

    /// <summary>The generation of the policy set that applied.</summary>
    public long PolicyGeneration { get; }

    internal IPolicySnapshot? Snapshot { get; }

    /// <summary>Whether any contribution changes arguments or output.</summary>
    public bool HasPatches
    {
        get
        {
            foreach (Contribution contribution in _contributions)
            {
                if (contribution.Verdict.Detail is { Patches.Count: > 0 })
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>SHA-256 of the deterministic core (outcome, reason, rule, policies, contributions) in canonical form; equal for equal decisions on any machine. Computed on first use.</summary>
    public Digest Digest => (_digest ??= new(Digest.Of(Encoding.UTF8.GetBytes(ToCanonicalJson())))).Value;

    /// <summary>The deterministic core as canonical JSON (RFC 8785).</summary>
    public string ToCanonicalJson()
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginMap();
        arena.Name("contributions");
        arena.BeginList();
        foreach (Contribution contribution in _contributions)
        {
            arena.BeginMap();
            arena.Name("interceptor");
            arena.Write(GovernedValue.From(contribution.Interceptor));
            arena.Name("outcome");
            arena.Write(GovernedValue.From(WireName(contribution.Verdict.Outcome)));
            WriteDetail(arena, contribution.Verdict.Detail);
            arena.End();
        }

        arena.End();
        arena.Name("outcome");
        arena.Write(GovernedValue.From(WireName(Outcome)));
        arena.Name("policy_set");
        arena.Write(PolicySetDigest.IsEmpty ? GovernedValue.Null : GovernedValue.From(PolicySetDigest.ToString()));
        WriteDetail(arena, Detail);
        arena.Name("v");
        arena.Write(GovernedValue.From(1L));
        return CanonicalJson.ToString(arena.End());
    }

    /// <summary>The outcome and the reason code.</summary>
    public override string ToString() => $"{Outcome} ({Detail.Reason})";

    internal static string WireName(VerdictOutcome outcome) => outcome switch
    {
        VerdictOutcome.Allow => "allow",
        VerdictOutcome.Warn => "warn",
        VerdictOutcome.Escalate => "escalate",
        _ => "deny",
    };

    private static void WriteDetail(ValueArena arena, VerdictDetail? detail)
    {
        arena.Name("reason");
        arena.Write(GovernedValue.From(detail?.Reason.Code));
        arena.Name("rule");
        arena.Write(GovernedValue.From(detail?.Rule));
        arena.Name("policy");
        arena.Write(GovernedValue.From(detail?.Policy));
        arena.Name("policy_digest");
        arena.Write(detail is null || detail.PolicyDigest.IsEmpty ? GovernedValue.Null : GovernedValue.From(detail.PolicyDigest.ToString()));
        if (detail?.PolicySigner is { } signer)
        {
            arena.Name("policy_signer");
            arena.Write(GovernedValue.From(signer));
        }

        arena.Name("patches");
        arena.BeginList();
        foreach (Patch patch in detail?.Patches ?? [])
        {
            arena.BeginMap();
            arena.Name("op");
            arena.Write(GovernedValue.From(patch.Kind switch { PatchKind.Set => "set", PatchKind.Remove => "remove", _ => "redact" }));
            arena.Name("path");
            arena.Write(GovernedValue.From(patch.Path.Text));
            arena.Name("value");
            arena.Write(patch.Value.IsAbsent ? GovernedValue.Null : patch.Value);
            arena.Name("pattern");
            arena.Write(GovernedValue.From(patch.Pattern?.ToString()));
            arena.Name("replacement");
            arena.Write(GovernedValue.From(patch.Replacement));
            arena.End();
        }

        arena.End();
    }
}
