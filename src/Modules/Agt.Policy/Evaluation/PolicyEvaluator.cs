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
    private readonly Facets.FacetReader _facets = new(new Facets.FacetOptions());

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
    /// <param name="given">The action.</param>
    /// <exception cref="FormatException">An argument is not what a fact is read from that a rule asks for.</exception>
    internal Verdict Evaluate(in PolicyInput given)
    {
        if (_set.For(given.Payload, given.Facets, out Verdict refusal) is not { } set)
        {
            return refusal;
        }

        Plan plan = set.PlanFor(given.Template, given.Point);
        PolicyInput input = given with { Facets = _facets.Read(given.Template, given.Payload, given.Facets, plan.Facets) };
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
