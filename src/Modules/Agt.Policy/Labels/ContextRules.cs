using System.Collections.Immutable;
using Agt.Policy.Classification;

namespace Agt.Policy.Labels;

/// <summary>Rules over envelopes: what a step brings, and what may come next (spec 01, POL-246 to POL-248). Immutable and thread-safe.</summary>
public sealed class ContextRules
{
    private readonly ImmutableArray<ContextRule> _rules;
    private readonly int _threshold;

    /// <summary>Takes rules.</summary>
    /// <param name="rules">The rules; their order does not matter.</param>
    /// <param name="labelThreshold">So many labels that no rule speaks of need a person; 1 or more. Default 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is less than 1.</exception>
    public ContextRules(IEnumerable<ContextRule> rules, int labelThreshold = 3)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfLessThan(labelThreshold, 1);
        _rules = [.. rules];
        _threshold = labelThreshold;
    }

    /// <summary>Takes in what a step really brought, and then what the rules make of it. Two steps: the version rises by 2, also when no rule fires.</summary>
    /// <param name="envelope">What was held before.</param>
    /// <param name="labels">Labels of the result.</param>
    /// <param name="sensitivity">How closely the result is held.</param>
    /// <exception cref="ArgumentException">A label is blank.</exception>
    public ContextEnvelope Accumulate(ContextEnvelope envelope, IEnumerable<string> labels, DataClass sensitivity)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ContextEnvelope folded = envelope.Fold(labels, sensitivity);
        var restrictions = new List<string>();
        DataClass raised = folded.Sensitivity;
        foreach (ContextRule rule in _rules)
        {
            if (rule.Fires(folded.LabelSet))
            {
                raised = ContextEnvelope.Highest(raised, rule.RaiseTo);
                restrictions.AddRange(rule.Restrictions);
            }
        }

        return folded.RaisedTo(raised).Restrict(restrictions);
    }

    /// <summary>
    /// What may become of the next step: escalated when many labels are there and no rule speaks of them; constrained when it exports, delegates or writes to a memory, and the restriction for
    /// that is there or the whole is held as <see cref="DataClass.Restricted"/> or closer; else allowed.
    /// </summary>
    /// <param name="envelope">What is held; rules that fire on it count, also when it did not come from <see cref="Accumulate"/>.</param>
    /// <param name="action">What the step does.</param>
    public ContextDecision Next(ContextEnvelope envelope, ContextAction action)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        bool fired = false;
        DataClass sensitivity = envelope.Sensitivity;
        ImmutableSortedSet<string> restrictions = envelope.RestrictionSet;
        foreach (ContextRule rule in _rules)
        {
            if (rule.Fires(envelope.LabelSet))
            {
                fired = true;
                sensitivity = ContextEnvelope.Highest(sensitivity, rule.RaiseTo);
                restrictions = restrictions.Union(rule.Restrictions);
            }
        }

        if (!fired && envelope.LabelSet.Count >= _threshold)
        {
            return new ContextDecision(ContextOutcome.Escalate, $"There are {envelope.LabelSet.Count} labels, and no rule speaks of them.");
        }

        string? restriction = action switch
        {
            ContextAction.Other => null,
            ContextAction.Export => ContextRestrictions.NoExternalExport,
            ContextAction.Delegate => ContextRestrictions.NoExternalDelegation,
            ContextAction.MemoryWrite => ContextRestrictions.NoMemoryWrite,
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "There is no such action."),
        };
        if (restriction is not null && restrictions.Contains(restriction))
        {
            return new ContextDecision(ContextOutcome.Constrain, $"The restriction {restriction} is there.") { Obligations = [.. restrictions] };
        }

        return restriction is not null && sensitivity >= DataClass.Restricted
            ? new ContextDecision(ContextOutcome.Constrain, $"What is held is {sensitivity.WireName()}.") { Obligations = [.. restrictions] }
            : new ContextDecision(ContextOutcome.Allow, "Nothing stands against it.");
    }
}
