using System.Collections.Concurrent;

namespace Agt.Policy;

/// <summary>
/// A second set that is asked beside the one in force and decides nothing: what would a new policy do to the actions of today (spec 01, POL-315, POL-316)? Thread-safe.
/// </summary>
/// <remarks>Rate limits of the second set are not counted, and so never refuse.</remarks>
public sealed class ShadowPolicy
{
    /// <summary>The share of divergent decisions up to which a set counts as ready.</summary>
    public const double TargetRate = 0.02;

    private const int MostReasons = 1_000;
    private readonly ConcurrentDictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private long _evaluated;
    private long _diverged;

    /// <summary>Takes a compiled set.</summary>
    public ShadowPolicy(CompiledPolicySet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        Set = set;
    }

    /// <summary>The set.</summary>
    public CompiledPolicySet Set { get; }

    /// <summary>Actions that both sets decided.</summary>
    public long Evaluated => Interlocked.Read(ref _evaluated);

    /// <summary>Those on which they differed: one allows what the other does not, or the outcomes are not the same.</summary>
    public long Diverged => Interlocked.Read(ref _diverged);

    /// <summary>The share of divergent decisions, 0 to 1.</summary>
    public double Rate => Evaluated == 0 ? 0 : (double)Diverged / Evaluated;

    /// <summary>Whether the share is within <see cref="TargetRate"/>, and anything was evaluated.</summary>
    public bool IsWithinTarget => Evaluated > 0 && Rate <= TargetRate;

    /// <summary>How often which difference came up, such as <c>allow (default_allow) -> deny (no-mail)</c>. At most 1,000 kinds; the rest count as <c>other</c>.</summary>
    public IReadOnlyDictionary<string, long> Reasons => new Dictionary<string, long>(_reasons, StringComparer.Ordinal);

    /// <summary>Decides actions of the past by both sets, without counting them here.</summary>
    /// <param name="enforced">The set that was in force.</param>
    /// <param name="templates">The actions: template, arguments.</param>
    /// <returns>How many there were and how many differ.</returns>
    public (long Evaluated, long Diverged) Replay(CompiledPolicySet enforced, IEnumerable<(ActionTemplate Template, Values.GovernedValue Payload)> templates)
    {
        ArgumentNullException.ThrowIfNull(enforced);
        ArgumentNullException.ThrowIfNull(templates);
        long evaluated = 0;
        long diverged = 0;
        foreach ((ActionTemplate template, Values.GovernedValue payload) in templates)
        {
            var input = new PolicyInput(template, payload);
            evaluated++;
            diverged += Differs(enforced.Evaluate(in input), Set.Evaluate(in input)) ? 1 : 0;
        }

        return (evaluated, diverged);
    }

    internal void Compare(Verdict enforced, ref readonly PolicyInput input)
    {
        Verdict shadow;
        try
        {
            shadow = Set.Evaluate(in input);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What the shadow cannot do says nothing of the set in force; it counts as a denial.
            shadow = Verdict.Deny(ReasonCodes.PolicyEvaluationError);
        }

        Interlocked.Increment(ref _evaluated);
        if (Differs(enforced, shadow))
        {
            Interlocked.Increment(ref _diverged);
            string reason = $"{Name(enforced)} -> {Name(shadow)}";
            _reasons.AddOrUpdate(_reasons.Count < MostReasons || _reasons.ContainsKey(reason) ? reason : "other", 1, static (_, count) => count + 1);
        }
    }

    private static bool Differs(Verdict one, Verdict other) =>
        one.Outcome != other.Outcome || (one.Detail?.Patches.Count ?? 0) != (other.Detail?.Patches.Count ?? 0);

    private static string Name(Verdict verdict) => $"{verdict.Outcome.ToString().ToLowerInvariant()} ({verdict.Detail?.Rule ?? verdict.Detail?.Reason.Code ?? "allowed"})";
}
