using System.Collections.Immutable;
using Agt.Policy.Classification;

namespace Agt.Policy.Labels;

/// <summary>What labels mean together: a name and a diagnosis are more than either (spec 01, POL-246). Immutable and thread-safe.</summary>
public sealed class ContextRule
{
    /// <summary>Describes a rule.</summary>
    /// <param name="labels">It fires when all of these are there; at least one.</param>
    /// <param name="raiseTo">How closely the whole is then held, at least.</param>
    /// <param name="restrictions">What then holds for it.</param>
    /// <exception cref="ArgumentException">There is no label, a name is blank, or the class is none of the five.</exception>
    public ContextRule(IEnumerable<string> labels, DataClass raiseTo = DataClass.Public, IEnumerable<string>? restrictions = null)
    {
        Labels = [.. ContextEnvelope.Names(labels, nameof(labels))];
        if (Labels.Count == 0)
        {
            throw new ArgumentException("A rule without labels would always fire.", nameof(labels));
        }

        if (!Enum.IsDefined(raiseTo))
        {
            throw new ArgumentException("There are five classes, from Public to TopSecret.", nameof(raiseTo));
        }

        RaiseTo = raiseTo;
        Restrictions = [.. ContextEnvelope.Names(restrictions ?? [], nameof(restrictions))];
    }

    /// <summary>The labels that must all be there.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How closely the whole is then held, at least.</summary>
    public DataClass RaiseTo { get; }

    /// <summary>What then holds for it.</summary>
    public IReadOnlyList<string> Restrictions { get; }

    internal bool Fires(ImmutableSortedSet<string> labels)
    {
        foreach (string label in Labels)
        {
            if (!labels.Contains(label))
            {
                return false;
            }
        }

        return true;
    }
}
