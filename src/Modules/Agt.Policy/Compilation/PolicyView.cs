namespace Agt.Policy.Compilation;

/// <summary>The documents and rules that apply to one agent, or to every agent that no document names. Immutable but for what it remembers; thread-safe.</summary>
internal sealed class PolicyView
{
    private const int Points = 8;

    private readonly PointIndex?[] _indexes = new PointIndex?[Points];
    private readonly CompiledDocument[] _documents;
    private readonly CompiledRule[] _rules;
    private readonly long _budget;
    private readonly RuleOrder _order;
    private readonly Plan _noPolicy = Plan.Always(new Verdict(VerdictOutcome.Deny, new VerdictDetail(ReasonCodes.DefaultDeny)
    {
        Explanation = "No policies loaded (deny by default)",
    }));

    // The original allows where there is no document (POL-093).
    private readonly Plan _allowed = Plan.Always(new Verdict(VerdictOutcome.Allow, new VerdictDetail(ReasonCodes.DefaultAllow) { Explanation = "No policies loaded (allowed by the profile AgentOs10)" }));

    private readonly Verdict _notGoverned = new(VerdictOutcome.Allow, new VerdictDetail(ReasonCodes.DefaultAllow)
    {
        Explanation = "No policy speaks about this point",
    });

    internal PolicyView(CompiledDocument[] documents, CompiledRule[] rules, long budget, RuleOrder order)
    {
        _order = order;
        _documents = documents;
        _rules = rules;
        _budget = budget;
    }

    /// <summary>What there is to do for an action at a point.</summary>
    internal Plan PlanFor(ActionTemplate template, InterventionPoint point)
    {
        if (_documents.Length == 0)
        {
            return _order.Profile == PolicyProfile.AgentOs10 ? _allowed : _noPolicy;
        }

        if (point == InterventionPoint.PreToolCall)
        {
            foreach (CompiledDocument document in _documents)
            {
                if (document.Tools is { } tools && !tools.Contains(template.Tool?.Name ?? string.Empty))
                {
                    return Plan.Always(document.ToolNotListed);
                }
            }
        }

        return IndexOf(point).PlanFor(template);
    }

    private PointIndex IndexOf(InterventionPoint point)
    {
        ref PointIndex? place = ref _indexes[(int)point];
        if (Volatile.Read(ref place) is { } known)
        {
            return known;
        }

        CompiledRule[] rules = [.. _rules.Where(rule => rule.Point == point)];
        var made = new PointIndex(point, rules, DefaultAt(point, rules.Length > 0), _budget, _order);
        return Interlocked.CompareExchange(ref place, made, null) ?? made;
    }

    /// <summary>
    /// The strictest default, where there is one: before tools, and where an action begins and some rule speaks. A result that no rule matched adds nothing to
    /// what was decided before; a rule that redacts some results is no reason to withhold the others.
    /// </summary>
    private Verdict DefaultAt(InterventionPoint point, bool hasRules)
    {
        if (!point.BeginsAction())
        {
            return Verdict.Allow;
        }

        if (!hasRules && point != InterventionPoint.PreToolCall)
        {
            return _notGoverned;
        }

        // Where there is a chain of folders, its last document speaks for the chain (POL-117).
        Verdict? chain = Array.FindLast(_documents, document => document.IsInChain)?.Default;
        if (_order.Profile == PolicyProfile.AgentOs10)
        {
            // The first document's default holds (POL-092).
            return chain ?? _documents[0].Default;
        }

        Verdict? strictest = chain;
        foreach (CompiledDocument document in _documents)
        {
            if (!document.IsInChain && (strictest is null || document.Default.Outcome > strictest.Value.Outcome))
            {
                strictest = document.Default;
            }
        }

        return strictest!.Value;
    }
}
