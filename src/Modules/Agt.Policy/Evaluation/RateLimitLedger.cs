using Agt.Policy.Compilation;
using Agt.Policy.RateLimits;

namespace Agt.Policy;

/// <summary>What one operation has taken from rate limits. A rule takes once an operation, however often the policy runs. Not thread-safe.</summary>
internal sealed class RateLimitLedger(IRateLimitStore store)
{
    private (CompiledRule Rule, RateLimitWindow Window, long Stamp)[] _taken = [];
    private int _count;

    internal bool TryAdmit(CompiledRule rule, ref readonly PolicyInput input, out Verdict refusal)
    {
        refusal = default;
        for (int i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_taken[i].Rule, rule))
            {
                return true;
            }
        }

        if (!rule.RateLimit!.TryAcquire(store, in input, out RateLimitWindow? window, out RateLimitAnswer answer))
        {
            refusal = Refuse(rule, "The store of rate limits has no room for another key.", null);
            return false;
        }

        if (answer.Status != RateLimitStatus.Admitted)
        {
            refusal = Refuse(rule, rule.Detail.Explanation, answer.RetryAfter);
            return false;
        }

        if (_count == _taken.Length)
        {
            Array.Resize(ref _taken, Math.Max(2, _count * 2));
        }

        _taken[_count++] = (rule, window!, answer.Stamp);
        return true;
    }

    /// <summary>The action ran: what was taken stays taken.</summary>
    internal void Commit() => Clear();

    /// <summary>The action did not run: gives everything back.</summary>
    internal void Release()
    {
        for (int i = 0; i < _count; i++)
        {
            _taken[i].Window.Release(_taken[i].Stamp);
        }

        Clear();
    }

    private static Verdict Refuse(CompiledRule rule, string? explanation, TimeSpan? retryAfter) => new(
        VerdictOutcome.Deny,
        new VerdictDetail(ReasonCodes.RateLimitExceeded)
        {
            Explanation = explanation,
            Rule = rule.Detail.Rule,
            Policy = rule.Detail.Policy,
            PolicyVersion = rule.Detail.PolicyVersion,
            PolicyDigest = rule.Detail.PolicyDigest,
            PolicySigner = rule.Detail.PolicySigner,
            RetryAfter = retryAfter,
        });

    private void Clear()
    {
        Array.Clear(_taken, 0, _count);
        _count = 0;
    }
}
