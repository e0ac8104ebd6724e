using Agt.Policy.Compilation;
using Agt.Policy.RateLimits;

namespace Agt.Policy;

/// <summary>Decides actions one after another and counts them in rate limits, without a chain: for the command line, tests of policies and replays.</summary>
/// <remarks>
/// Not thread-safe. An action that may proceed counts; one that is denied, or that waits for a person, gives back what it took, as if it had not run.
/// What enforces in a host is <see cref="PolicyInterceptor"/>.
/// </remarks>
internal sealed class PolicyEvaluator
{
    private readonly CompiledPolicySet _set;
    private readonly RateLimitLedger _ledger;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="set">The policies.</param>
    /// <param name="rateLimits">Where rate limits are counted.</param>
    internal PolicyEvaluator(CompiledPolicySet set, IRateLimitStore rateLimits)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(rateLimits);
        _set = set;
        _ledger = new RateLimitLedger(rateLimits);
    }

    /// <summary>Decides one action. Results are decided without counting, as in the chain.</summary>
    /// <param name="input">The action.</param>
    internal Verdict Evaluate(in PolicyInput input)
    {
        Plan plan = _set.PlanFor(input.Template, input.Point);
        if (!plan.TakesRateLimits || input.Point != input.Template.Point)
        {
            return plan.Evaluate(in input, null);
        }

        try
        {
            Verdict verdict = plan.Evaluate(in input, _ledger);
            if (verdict.Outcome is VerdictOutcome.Allow or VerdictOutcome.Warn)
            {
                _ledger.Commit();
            }

            return verdict;
        }
        finally
        {
            _ledger.Release();
        }
    }
}
