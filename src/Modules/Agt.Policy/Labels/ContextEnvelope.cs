using System.Collections.Immutable;
using Agt.Policy.Classification;

namespace Agt.Policy.Labels;

/// <summary>
/// What a piece of work has come to hold, to be handed from agent to agent: its labels, the restrictions on it, and how closely the whole is held (spec 01, POL-245). Immutable and
/// thread-safe; each step gives a new one of a higher version, and none takes anything away.
/// </summary>
public sealed class ContextEnvelope
{
    private ContextEnvelope(long version, DataClass sensitivity, ImmutableSortedSet<string> labels, ImmutableSortedSet<string> restrictions)
    {
        Version = version;
        Sensitivity = sensitivity;
        LabelSet = labels;
        RestrictionSet = restrictions;
    }

    /// <summary>An envelope of version 0 that holds nothing.</summary>
    public static ContextEnvelope Empty { get; } = new(
        0, DataClass.Public, ImmutableSortedSet.Create<string>(StringComparer.Ordinal), ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    /// <summary>How many steps led to it.</summary>
    public long Version { get; }

    /// <summary>How closely the whole is held: at least as the most closely held part.</summary>
    public DataClass Sensitivity { get; }

    /// <summary>The labels, in ordinal order.</summary>
    public IReadOnlySet<string> Labels => LabelSet;

    /// <summary>The restrictions, in ordinal order; those that <see cref="ContextRules"/> knows are in <see cref="ContextRestrictions"/>.</summary>
    public IReadOnlySet<string> Restrictions => RestrictionSet;

    internal ImmutableSortedSet<string> LabelSet { get; }

    internal ImmutableSortedSet<string> RestrictionSet { get; }

    /// <summary>Takes in what a result brings: all its labels, and the higher sensitivity.</summary>
    /// <param name="labels">Labels of the result; surrounding space does not count.</param>
    /// <param name="sensitivity">How closely the result is held.</param>
    /// <exception cref="ArgumentException">A label is blank.</exception>
    public ContextEnvelope Fold(IEnumerable<string> labels, DataClass sensitivity) =>
        new(Version + 1, Highest(Sensitivity, sensitivity), LabelSet.Union(Names(labels, nameof(labels))), RestrictionSet);

    /// <summary>Adds restrictions.</summary>
    /// <param name="restrictions">What is added; surrounding space does not count.</param>
    /// <exception cref="ArgumentException">A restriction is blank.</exception>
    public ContextEnvelope Restrict(IEnumerable<string> restrictions) =>
        new(Version + 1, Sensitivity, LabelSet, RestrictionSet.Union(Names(restrictions, nameof(restrictions))));

    /// <summary>The envelope of work that is delegated: labels, sensitivity and restrictions of this one, and restrictions of its own beside them (POL-248). Its version begins at 0.</summary>
    /// <param name="restrictions">What the child declares.</param>
    /// <exception cref="ArgumentException">A restriction is blank.</exception>
    public ContextEnvelope ForChild(IEnumerable<string> restrictions) =>
        new(0, Sensitivity, LabelSet, RestrictionSet.Union(Names(restrictions, nameof(restrictions))));

    internal ContextEnvelope RaisedTo(DataClass sensitivity) => sensitivity <= Sensitivity ? this : new(Version, sensitivity, LabelSet, RestrictionSet);

    internal static DataClass Highest(DataClass one, DataClass other)
    {
        // A class that does not exist is the highest.
        DataClass known = Enum.IsDefined(other) ? other : DataClass.TopSecret;
        return one >= known ? one : known;
    }

    internal static ImmutableArray<string> Names(IEnumerable<string> names, string parameter)
    {
        ArgumentNullException.ThrowIfNull(names, parameter);
        ImmutableArray<string> trimmed = [.. names.Select(name => name?.Trim() ?? string.Empty)];
        return trimmed.Contains(string.Empty) ? throw new ArgumentException("A name is blank.", parameter) : trimmed;
    }
}
