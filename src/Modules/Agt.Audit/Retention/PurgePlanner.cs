using Agt.Audit.Export;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Audit.Retention;

/// <summary>Finds how much of a log may be dropped: whole bundles from its start, of records that are old enough and not held.</summary>
public static class PurgePlanner
{
    /// <summary>Reads the log up to the first record that has to stay.</summary>
    /// <param name="store">The log.</param>
    /// <param name="retention">How long records are kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="exportsOf">The directory of the log, in which the cursors of its sinks lie: what a sink does not have yet stays. Null for no sinks.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="InvalidDataException">The log is not what it was.</exception>
    public static PurgePlan Plan(IAuditStore store, RetentionOptions retention, DateTimeOffset now, string? exportsOf = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(retention);
        if (retention.Problems().FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(retention));
        }

        IReadOnlyList<LegalHold> holds = LegalHolds.Read(store, cancellationToken);

        // What no checkpoint covers has nobody to vouch for it, and the last bundle is never dropped.
        long covered = SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out _) ? Math.Min(checkpoint.Checkpoint.Size, store.Size) : 0;
        long most = Math.Max(store.First, (covered - 1) / TilePath.FullWidth * TilePath.FullWidth);
        long exported = exportsOf is not null && checkpoint is not null ? ExportCursor.Least(exportsOf, checkpoint.Checkpoint.Origin) : long.MaxValue;
        long index = store.First;
        foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(index, most - index))
        {
            if (index % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            RecordHead head = RecordHead.Read(leaf.Span);
            if ((index >= exported ? "a sink waits for it" : WhyKept(in head, index, retention, now, holds)) is { } because)
            {
                return new PurgePlan(store.First, index / TilePath.FullWidth * TilePath.FullWidth, index, because);
            }

            index++;
        }

        return new PurgePlan(store.First, most, null, null);
    }

    private static string? WhyKept(in RecordHead head, long index, RetentionOptions retention, DateTimeOffset now, IReadOnlyList<LegalHold> holds)
    {
        foreach (LegalHold hold in holds)
        {
            // A record that cannot be read may be one of those that are held.
            if (hold.Index == index || head.Kind is null || hold.Holds(in head))
            {
                return $"the legal hold '{hold.Id}'";
            }
        }

        if (head.OccurredAt is not { } at)
        {
            return "it does not say when it was written";
        }

        TimeSpan period = retention.Of(head.Kind);
        return now - at < period ? FormattableString.Invariant($"records of the kind '{head.Kind}' are kept for {period.TotalDays:0.##} days") : null;
    }
}
