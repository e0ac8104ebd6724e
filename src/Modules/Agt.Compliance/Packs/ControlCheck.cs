namespace Agt.Compliance.Packs;

/// <summary>One test of a control against the records of a log. Immutable and thread-safe.</summary>
/// <remarks>
/// A check looks at the records that <see cref="Among"/> takes. Where there are none, or fewer than <see cref="AtLeast"/>, it says nothing (not assessed). Of those that are there, the records against it are what
/// <see cref="Bad"/> takes, or what <see cref="Good"/> does not.
/// </remarks>
public sealed record ControlCheck
{
    internal ControlCheck(string text) => Text = text;

    /// <summary>What it shows, as a sentence.</summary>
    public string Text { get; }

    /// <summary>The records it is about. Not used where <see cref="Fact"/> is set.</summary>
    public RecordQuery Among { get; internal init; } = RecordQuery.Everything;

    /// <summary>Those that speak for it; null where every record of <see cref="Among"/> does that is not <see cref="Bad"/>.</summary>
    public RecordQuery? Good { get; internal init; }

    /// <summary>Those that speak against it, or null.</summary>
    public RecordQuery? Bad { get; internal init; }

    /// <summary>How many records there must be to say anything, at least 1.</summary>
    public long AtLeast { get; internal init; } = 1;

    /// <summary>How many of a hundred may speak against it, 0 to 50.</summary>
    public int TolerancePercent { get; internal init; }

    /// <summary>A field of which only the latest record of each value counts, or null: for probes, whose last outcome holds.</summary>
    public string? LatestBy { get; internal init; }

    /// <summary>Whether the control can only be met where this check could be made.</summary>
    public bool Required { get; internal init; } = true;

    /// <summary>Whether this check alone makes the control fail.</summary>
    public bool Critical { get; internal init; }

    /// <summary>A fact of the log as a whole in place of its records, or null.</summary>
    public LogFact? Fact { get; internal init; }

    /// <summary>For <see cref="LogFact.CoversDays"/>: how many days.</summary>
    public long Days { get; internal init; }
}
