using System.Text;

namespace Agt.Policy.Compilation;

/// <summary>
/// The one verdict of several rules that matched together: the strictest outcome, explained by the first rule that gave it, with every patch in order.
/// Combinations are remembered, up to a bound. Thread-safe.
/// </summary>
internal sealed class CombinedVerdicts(CompiledRule[] contributors)
{
    private const int Buckets = 64;
    private const int MostRemembered = 256;
    private const int MostNamed = 32;
    private Combination?[]? _buckets;
    private int _remembered;

    /// <summary>The most rules that can match together.</summary>
    internal int Contributors => contributors.Length;

    /// <summary>The verdict of some contributors.</summary>
    /// <param name="matched">Their numbers in the order in which they matched; at least one.</param>
    internal Verdict Of(ReadOnlySpan<int> matched)
    {
        if (matched.Length == 1)
        {
            return contributors[matched[0]].Verdict;
        }

        uint hash = 2_166_136_261;
        foreach (int number in matched)
        {
            hash = (hash ^ (uint)number) * 16_777_619;
        }

        Combination?[] buckets = Volatile.Read(ref _buckets) ?? Interlocked.CompareExchange(ref _buckets, new Combination?[Buckets], null) ?? _buckets;
        ref Combination? bucket = ref buckets[hash % Buckets];
        Combination? first = Volatile.Read(ref bucket);
        for (Combination? candidate = first; candidate is not null; candidate = candidate.Next)
        {
            if (matched.SequenceEqual(candidate.Matched))
            {
                return candidate.Verdict;
            }
        }

        Verdict verdict = Make(matched);
        if (Volatile.Read(ref _remembered) < MostRemembered)
        {
            Interlocked.Increment(ref _remembered);
            Interlocked.CompareExchange(ref bucket, new Combination(matched.ToArray(), verdict, first), first);
        }

        return verdict;
    }

    private Verdict Make(ReadOnlySpan<int> matched)
    {
        CompiledRule deciding = contributors[matched[0]];
        var patches = new List<Patch>();
        foreach (int number in matched)
        {
            CompiledRule rule = contributors[number];
            patches.AddRange(rule.Detail.Patches);
            if (rule.Verdict.Outcome > deciding.Verdict.Outcome)
            {
                deciding = rule;
            }
        }

        VerdictDetail detail = deciding.Detail;
        return new Verdict(deciding.Verdict.Outcome, new VerdictDetail(detail.Reason)
        {
            Explanation = Explain(detail.Explanation, deciding, matched),
            PublicMessage = detail.PublicMessage,
            Rule = detail.Rule,
            Policy = detail.Policy,
            PolicyVersion = detail.PolicyVersion,
            PolicyDigest = detail.PolicyDigest,
            PolicySigner = detail.PolicySigner,
            Approvers = detail.Approvers,
            Patches = patches,
        });
    }

    private string Explain(string? explanation, CompiledRule deciding, ReadOnlySpan<int> matched)
    {
        var text = new StringBuilder(explanation);
        int named = 0;
        foreach (int number in matched)
        {
            CompiledRule rule = contributors[number];
            if (ReferenceEquals(rule, deciding))
            {
                continue;
            }

            if (named == MostNamed)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $", and {matched.Length - 1 - named} more");
                break;
            }

            text.Append(named++ == 0 ? " Also matched: " : ", ").Append(rule.Detail.Policy).Append('/').Append(rule.Detail.Rule);
        }

        return text.ToString();
    }

    private sealed record Combination(int[] Matched, Verdict Verdict, Combination? Next);
}
