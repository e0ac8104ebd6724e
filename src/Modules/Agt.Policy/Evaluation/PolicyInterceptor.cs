using Agt.Policy.Backends;
using Agt.Policy.BreakGlass;
using Agt.Policy.Compilation;
using Agt.Policy.Facets;
using Agt.Policy.RateLimits;
using Agt.Values;

namespace Agt.Policy;

/// <summary>
/// Enforces policies in the chain: before an action, on its result, and again once a person has approved. Rate limits are reserved before and given back when the
/// action did not run.
/// </summary>
/// <remarks>Thread-safe. Denies when the operation carries no <see cref="CompiledPolicySet"/>.</remarks>
public sealed class PolicyInterceptor : IWindowedInterceptor
{
    private readonly Verdict _facetsFailed = Verdict.Deny(ReasonCodes.PolicyEvaluationError, "The facts that a rule reads could not be read out of the arguments.");
    private readonly Verdict _missing = Verdict.Deny(ReasonCodes.PolicyMissing, "The operation carries no compiled policy set.");
    private readonly IRateLimitStore _rateLimits;
    private readonly FacetReader? _facets;
    private readonly ShadowPolicy? _shadow;
    private readonly BreakGlass.BreakGlass? _breakGlass;
    private readonly bool _evaluatesOnly;
    private RateLimitLedger? _spare;

    /// <summary>Creates the interceptor.</summary>
    /// <param name="rateLimits">Where rate limits are counted.</param>
    /// <param name="facets">What reads facts out of the arguments when a rule asks for them; null for none.</param>
    /// <param name="mode">Whether the policies hold.</param>
    /// <param name="shadow">A set that is asked beside the one in force; null for none.</param>
    /// <param name="breakGlass">Grants that lift rules in an emergency; null for none.</param>
    public PolicyInterceptor(IRateLimitStore rateLimits, FacetReader? facets, PolicyMode mode = PolicyMode.Enforce, ShadowPolicy? shadow = null, BreakGlass.BreakGlass? breakGlass = null)
    {
        ArgumentNullException.ThrowIfNull(rateLimits);
        _rateLimits = rateLimits;
        _facets = facets is { IsEmpty: false } ? facets : null;
        _evaluatesOnly = mode == PolicyMode.EvaluateOnly;
        _shadow = shadow;
        _breakGlass = breakGlass;
    }

    /// <summary>Engines that are asked where no rule matched; null for none.</summary>
    internal BackendFallback? Fallback { get; init; }

    /// <inheritdoc />
    public string Name => "policy";

    /// <inheritdoc />
    public InterceptorStage Stage => InterceptorStage.Policy;

    /// <inheritdoc />
    /// <remarks>None where no rule can withhold or change the result of such an action, so that a stream of it may go out while it comes; else the whole result has to be seen.</remarks>
    public IReadOnlyList<string>? BlockedLiterals(GovernedAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return _shadow is null && action.Session.Policy is CompiledPolicySet { Folders: null } set
            && set.PlanFor(action.Template, action.Template.Point.ResultPoint()) is { IsConstant: true, Constant.IsPlainAllow: true } ? [] : null;
    }

    /// <inheritdoc />
    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (SetFor(context, out Verdict refusal) is not { } set)
        {
            return new(refusal);
        }

        Plan plan = set.PlanFor(context.Template, context.Point);
        Verdict verdict = plan.TakesRateLimits && !_evaluatesOnly ? Reserve(set, plan, context) : Evaluate(set, plan, context, null);
        return Fallback is not null && BackendFallback.IsDefault(in verdict) ? Fallback.AskAsync(verdict, context, cancellationToken) : new(verdict);
    }

    /// <inheritdoc />
    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        Settle(context, outcome);
        if (outcome.Status != OutcomeStatus.Completed)
        {
            return default;
        }

        // A result is there already; what limits it can do is decided without counting.
        return new(Decide(context));
    }

    /// <inheritdoc />
    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(Decide(context));
    }

    private Verdict Decide(OperationContext context) =>
        SetFor(context, out Verdict refusal) is { } set ? Evaluate(set, set.PlanFor(context.Template, context.Point), context, null) : refusal;

    /// <summary>The policies that hold for an action, by the folder it is about; null if there is a verdict in their place.</summary>
    private CompiledPolicySet? SetFor(OperationContext context, out Verdict refusal)
    {
        refusal = _missing;
        if (context.Policy is not CompiledPolicySet { Folders: not null } whole)
        {
            return context.Policy as CompiledPolicySet;
        }

        CompiledPolicySet? set = whole.For(context.Payload, context.Facets, out refusal);
        refusal = set is null && _evaluatesOnly ? EvaluateOnly.Of(refusal) : refusal;
        return set;
    }

    private Verdict Evaluate(CompiledPolicySet set, Plan plan, OperationContext context, RateLimitLedger? ledger)
    {
        if (_shadow is not null || _evaluatesOnly)
        {
            return EvaluateApart(set, plan, context, ledger);
        }

        Verdict verdict = plan.IsConstant ? plan.Constant : EvaluateInForce(plan, context, ledger);
        return _breakGlass is not null && BreakGlassLift.CanLift(verdict) ? Lift(set, plan, verdict, context, ledger) : verdict;
    }

    /// <summary>Decides again without what a grant lifts. What another rule holds back stays held back.</summary>
    private Verdict Lift(CompiledPolicySet set, Plan plan, Verdict verdict, OperationContext context, RateLimitLedger? ledger)
    {
        bool tried = false;
        foreach (ActiveBreakGlass active in _breakGlass!.For(context.Template, context.Session))
        {
            // What the first evaluation took from rate limits is not taken twice.
            ledger?.Release();
            tried = true;
            Plan without = active.Without(set).PlanFor(context.Template, context.Point);
            Verdict again = without.IsConstant ? without.Constant : EvaluateInForce(without, context, ledger);
            if (again.Outcome is VerdictOutcome.Allow or VerdictOutcome.Warn)
            {
                _breakGlass.Used(active, context.Template);
                return BreakGlassLift.Lifted(verdict, again, active);
            }
        }

        if (!tried || ledger is null || plan.IsConstant)
        {
            return verdict;
        }

        ledger.Release();
        return EvaluateInForce(plan, context, ledger);
    }

    /// <summary>With a shadow beside it, or without letting the verdict hold.</summary>
    private Verdict EvaluateApart(CompiledPolicySet set, Plan plan, OperationContext context, RateLimitLedger? ledger)
    {
        Verdict verdict = plan.IsConstant ? plan.Constant : EvaluateInForce(plan, context, ledger);
        if (_breakGlass is not null && !_evaluatesOnly && BreakGlassLift.CanLift(verdict))
        {
            verdict = Lift(set, plan, verdict, context, ledger);
        }

        if (_shadow is not null)
        {
            Plan shadow = _shadow.Set.PlanFor(context.Template, context.Point);
            GovernedValue facets = context.Facets;
            _ = _facets is null || TryReadFacets(_facets, shadow, context, ref facets);
            var input = new PolicyInput(context.Template, context.Payload)
            {
                Point = context.Point,
                Output = shadow.ReadsOutput ? context.Output : default,
                Facets = facets,
                Session = context.Session,
                IsPrincipalVerified = context.IsPrincipalVerified,
                TrustScore = context.TrustScore,
            };
            _shadow.Compare(verdict, in input);
        }

        return _evaluatesOnly ? EvaluateOnly.Of(verdict) : verdict;
    }

    private Verdict EvaluateInForce(Plan plan, OperationContext context, RateLimitLedger? ledger)
    {

        GovernedValue facets = context.Facets;
        if (_facets is not null && !TryReadFacets(_facets, plan, context, ref facets))
        {
            return _facetsFailed;
        }

        var input = new PolicyInput(context.Template, context.Payload)
        {
            Point = context.Point,
            Output = plan.ReadsOutput ? context.Output : default,
            Facets = facets,
            Session = context.Session,
            IsPrincipalVerified = context.IsPrincipalVerified,
            TrustScore = context.TrustScore,
        };
        return plan.Evaluate(in input, ledger);
    }

    /// <summary>Reads what the plan asks for, each time anew: a transform may have changed the arguments.</summary>
    private static bool TryReadFacets(FacetReader reader, Plan plan, OperationContext context, ref GovernedValue facets)
    {
        try
        {
            facets = reader.Read(context.Template, context.Payload, facets, plan.Facets);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // An extractor may be the host's own; whatever it throws is a deny (POL-251).
            return false;
        }
    }

    private Verdict Reserve(CompiledPolicySet set, Plan plan, OperationContext context)
    {
        var ledger = (RateLimitLedger?)context.GetItem(this);
        if (ledger is null)
        {
            ledger = Interlocked.Exchange(ref _spare, null) ?? new RateLimitLedger(_rateLimits);
            context.SetItem(this, ledger);
        }

        Verdict verdict;
        try
        {
            verdict = Evaluate(set, plan, context, ledger);
        }
        catch
        {
            ledger.Release();
            throw;
        }

        if (verdict.Outcome == VerdictOutcome.Deny)
        {
            // The after phase does not come after a deny of one's own.
            Return(context, ledger);
        }

        return verdict;
    }

    private void Settle(OperationContext context, Outcome outcome)
    {
        if (context.GetItem(this) is not RateLimitLedger ledger)
        {
            return;
        }

        if (outcome.Executed)
        {
            ledger.Commit();
        }

        Return(context, ledger);
    }

    /// <summary>Gives back what is still reserved and keeps the ledger for the next operation.</summary>
    private void Return(OperationContext context, RateLimitLedger ledger)
    {
        context.SetItem(this, null);
        ledger.Release();
        Volatile.Write(ref _spare, ledger);
    }
}
