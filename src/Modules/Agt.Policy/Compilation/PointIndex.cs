using System.Collections.Concurrent;
using Agt.Policy.Matching;

namespace Agt.Policy.Compilation;

/// <summary>
/// The rules of one point, found by tool. Making the plan of a tool never seen before looks only at the rules that name it and at those that name no tool, and kinds of
/// actions that no rule tells apart share one plan, so that a caller who invents tool names cannot make this expensive.
/// </summary>
internal sealed class PointIndex
{
    private const int MostPlans = 1_024;
    private const int MostInstructions = 1_000_000;
    private readonly InterventionPoint _point;
    private readonly CompiledRule[] _rules;
    private readonly Verdict _unmatched;
    private readonly long _budget;
    private readonly RuleOrder _order;
    private readonly Dictionary<FieldPath, PatternSet>? _patterns;
    private readonly RuleBucket _always;
    private readonly Dictionary<string, RuleBucket> _byName;
    private readonly Dictionary<string, RuleBucket> _byPrefix;
    private readonly int[] _prefixLengths;
    private readonly ConcurrentDictionary<PlanKey, Plan> _plans = new();
    private int _planCount;
    private int _instructions;

    /// <summary>Builds the index.</summary>
    /// <param name="point">The point.</param>
    /// <param name="rules">The rules of the point in the order of documents and rules.</param>
    /// <param name="unmatched">The verdict when no rule matches.</param>
    /// <param name="budget">The characters one evaluation may scan.</param>
    /// <param name="order">How rules are combined.</param>
    internal PointIndex(InterventionPoint point, CompiledRule[] rules, Verdict unmatched, long budget, RuleOrder order)
    {
        _point = point;
        _unmatched = unmatched;
        _budget = budget;

        _order = order;
        _rules = order.Sort(rules);
        _patterns = PatternUse.SetsOf(_rules);
        var always = new List<int>();
        var names = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var prefixes = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Tools is not { } tools)
            {
                always.Add(i);
                continue;
            }

            AddTo(names, tools.Names, i);
            AddTo(prefixes, tools.Prefixes, i);
        }

        _always = new RuleBucket(0, [.. always], _rules);
        _byName = names.Select((pair, index) => (pair.Key, Bucket: new RuleBucket(index + 1, [.. pair.Value], _rules)))
            .ToDictionary(entry => entry.Key, entry => entry.Bucket, StringComparer.Ordinal);
        _byPrefix = prefixes.Select((pair, index) => (pair.Key, Bucket: new RuleBucket(names.Count + index + 1, [.. pair.Value], _rules)))
            .ToDictionary(entry => entry.Key, entry => entry.Bucket, StringComparer.Ordinal);
        _prefixLengths = [.. prefixes.Keys.Select(prefix => prefix.Length).Distinct().Order()];
    }

    internal Plan PlanFor(ActionTemplate template)
    {
        var buckets = new List<RuleBucket> { _always };
        if (template.Tool?.Name is { } tool)
        {
            FindBuckets(tool, buckets);
        }

        var truths = new StaticTruths(template, _point);
        PlanKey key = KeyOf(buckets, truths);
        if (_plans.TryGetValue(key, out Plan? plan))
        {
            return plan;
        }

        plan = _order.IsByClass
            ? PlanBuilder.Build(CandidatesOf(buckets), truths, _unmatched, _budget, _patterns)
            : OrderedPlanBuilder.Build(CandidatesOf(buckets), truths, _unmatched, _budget, _patterns, _order);
        if (Volatile.Read(ref _planCount) < MostPlans && Volatile.Read(ref _instructions) < MostInstructions && _plans.TryAdd(key, plan))
        {
            Interlocked.Increment(ref _planCount);
            Interlocked.Add(ref _instructions, plan.Length);
        }

        return plan;
    }

    private static void AddTo(Dictionary<string, List<int>> index, IReadOnlyList<string> keys, int rule)
    {
        foreach (string key in keys)
        {
            if (!index.TryGetValue(key, out List<int>? bucket))
            {
                index.Add(key, bucket = []);
            }

            bucket.Add(rule);
        }
    }

    private static PlanKey KeyOf(List<RuleBucket> buckets, StaticTruths truths)
    {
        int tests = 0;
        foreach (RuleBucket bucket in buckets)
        {
            tests += bucket.StaticTests.Length;
        }

        var parts = new byte[(buckets.Count * sizeof(int)) + tests];
        int at = 0;
        foreach (RuleBucket bucket in buckets)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(parts.AsSpan(at), bucket.Id);
            at += sizeof(int);
            foreach (Test test in bucket.StaticTests)
            {
                parts[at++] = (byte)truths.Of(test);
            }
        }

        return new PlanKey(parts);
    }

    private void FindBuckets(string tool, List<RuleBucket> buckets)
    {
        if (_byName.TryGetValue(tool, out RuleBucket? named))
        {
            buckets.Add(named);
        }

        if (_prefixLengths.Length == 0)
        {
            return;
        }

        Dictionary<string, RuleBucket>.AlternateLookup<ReadOnlySpan<char>> byPrefix = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (int length in _prefixLengths)
        {
            if (length > tool.Length)
            {
                break;
            }

            if (byPrefix.TryGetValue(tool.AsSpan(0, length), out RuleBucket? bucket))
            {
                buckets.Add(bucket);
            }
        }
    }

    private CompiledRule[] CandidatesOf(List<RuleBucket> buckets)
    {
        var numbers = new List<int>();
        foreach (RuleBucket bucket in buckets)
        {
            numbers.AddRange(bucket.Rules);
        }

        // One rule may be found by its name and by a prefix.
        return [.. numbers.Distinct().Order().Select(number => _rules[number])];
    }
}
