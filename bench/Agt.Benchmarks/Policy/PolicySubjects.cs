using Agt.Benchmarks.Percentiles;
using Agt.Policy.RateLimits;

namespace Agt.Benchmarks.Policy;

/// <summary>Policy decisions for the percentile runner.</summary>
internal static class PolicySubjects
{
    private static readonly int[] Sizes = [1, 10, 100, 1_000, 10_000];

    internal static IEnumerable<PercentileSubject> All()
    {
        foreach (PolicyShape shape in (PolicyShape[])[PolicyShape.LiteralTool, PolicyShape.WildcardTool, PolicyShape.ThreeTerms])
        {
            foreach (int rules in Sizes)
            {
                foreach (PolicyHit hit in Enum.GetValues<PolicyHit>())
                {
                    yield return Subject(shape, rules, hit);
                }
            }
        }

        foreach (int rules in (int[])[1, 10, 100, 1_000])
        {
            yield return Subject(PolicyShape.ArgumentsOnly, rules, PolicyHit.None);
            yield return Subject(PolicyShape.ArgumentText, rules, PolicyHit.None);
        }

        var store = new MemoryRateLimitStore(TimeProvider.System);
        var key = new RateLimitKey("p", "released", RateLimitScope.Agent, "a", new RateLimit(1_000, TimeSpan.FromSeconds(1)));
        RateLimitWindow released = store.GetWindow(key)!;
        RateLimitWindow kept = store.GetWindow(key with { Rule = "kept" })!;
        RateLimitWindow coarse = store.GetWindow(key with { Rule = "coarse", Limit = new RateLimit(1_000_000_000, TimeSpan.FromSeconds(1)) })!;
        yield return new PercentileSubject("policy rate limit, admit and release", () => released.Release(released.TryAcquire().Stamp));
        yield return new PercentileSubject("policy rate limit, admit or refuse", () => kept.TryAcquire());
        yield return new PercentileSubject("policy rate limit, admit coarsely", () => coarse.TryAcquire());
    }

    private static PercentileSubject Subject(PolicyShape shape, int rules, PolicyHit hit)
    {
        Lazy<PolicyCase> made = new(() => PolicyCase.Of(shape, rules, hit));
        return new PercentileSubject($"policy {shape} {rules} rules, hit {hit}", () => made.Value.Decide());
    }
}
