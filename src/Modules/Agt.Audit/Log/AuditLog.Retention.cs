using Agt.Audit.Records;
using Agt.Audit.Retention;

namespace Agt.Audit;

/// <content>What may be dropped, and what must not.</content>
public sealed partial class AuditLog
{
    private readonly Lock _storing = new();
    private readonly SemaphoreSlim _retaining = new(1, 1);

    /// <summary>The first record that is kept: those before it were purged, and their hashes remain.</summary>
    public long First => _store.First;

    /// <summary>Places a legal hold: what it covers is neither purged nor erased until it is released. A hold of the same name is replaced.</summary>
    /// <param name="hold">The hold.</param>
    /// <param name="actor">Who places it.</param>
    /// <param name="cancellationToken">Ends the wait for the record.</param>
    /// <exception cref="ArgumentException">The hold has no proper name or reason, or ends before it begins.</exception>
    /// <exception cref="IOException">The log cannot record it, so that it does not hold.</exception>
    public async ValueTask HoldAsync(LegalHold hold, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hold);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        hold.Check();
        await _retaining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AppendAsync(hold.Placed(actor), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _retaining.Release();
        }
    }

    /// <summary>Releases a legal hold.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="reason">Why.</param>
    /// <param name="actor">Who releases it.</param>
    /// <param name="cancellationToken">Ends the work early, or the wait for the record.</param>
    /// <returns>Whether there was one of that name; if not, nothing is recorded.</returns>
    /// <exception cref="IOException">The log cannot record it, so that it holds on.</exception>
    public async ValueTask<bool> ReleaseHoldAsync(string id, string reason, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        if (Holds(cancellationToken).All(hold => hold.Id != id))
        {
            return false;
        }

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["agt.actor"] = actor, ["agt.hold"] = id };
        await AppendAsync(new AuditEvent("hold", LegalHold.ReleasedType, "release") { Reason = reason, Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads the whole log for the holds that are placed and not released; blocks meanwhile.</summary>
    /// <param name="cancellationToken">Ends the work early.</param>
    public IReadOnlyList<LegalHold> Holds(CancellationToken cancellationToken = default) => LegalHolds.Read(_store, cancellationToken);

    /// <summary>
    /// Drops the records that <see cref="AuditOptions.Retention"/> no longer wants kept: whole bundles of 256 from the start of the log, up to the first record that is younger or held. All hashes stay, and with
    /// them every proof of what is left. That it was done is recorded before it is.
    /// </summary>
    /// <param name="actor">Who wants it.</param>
    /// <param name="archive">A directory that everything is published to first, and verified there; null for none: the records are gone then.</param>
    /// <param name="cancellationToken">Ends the work before anything is dropped.</param>
    /// <returns>What was dropped, and what stood in the way of more.</returns>
    /// <exception cref="NotSupportedException">The store drops nothing.</exception>
    /// <exception cref="InvalidDataException">The archive is not the log; nothing was dropped.</exception>
    /// <exception cref="IOException">Something cannot be written. Calling again completes it.</exception>
    public async ValueTask<PurgePlan> PurgeAsync(string actor, string? archive = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        await _retaining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await PurgeOnceAsync(actor, archive, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _retaining.Release();
        }
    }

    private async ValueTask<PurgePlan> PurgeOnceAsync(string actor, string? archive, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        Publish();
        PurgePlan plan = PurgePlanner.Plan(_store, _options.Retention, _time.GetUtcNow(), _options.Directory, cancellationToken);
        if (archive is not null)
        {
            plan = plan with { Archive = ColdArchive.Write(_store, archive, Key, _time.GetUtcNow(), cancellationToken) };
        }

        if (plan.Count > 0)
        {
            await AppendAsync(PurgeRecord.Create(plan, actor), CancellationToken.None).ConfigureAwait(false);
            Publish();
        }

        lock (_storing)
        {
            if (plan.Count > 0)
            {
                _store.Purge(plan.First);
            }

            _vault?.Drop(plan.First);
            ContextBlob.Drop(_options.Directory, plan.First);
        }

        return plan;
    }

    /// <summary>Refuses to erase what is held.</summary>
    private void RequireNotHeld(string subject, CancellationToken cancellationToken)
    {
        IReadOnlyList<LegalHold> holds = Holds(cancellationToken);
        if (holds.Count == 0)
        {
            return;
        }

        long index = First;
        foreach (ReadOnlyMemory<byte> leaf in _store.ReadLeaves(index, Size - index))
        {
            RecordHead head = RecordHead.Read(leaf.Span);
            if (head.Kind == "decision" && RecordHead.SubjectOf(leaf.Span, in head) == subject && holds.FirstOrDefault(hold => hold.Holds(in head)) is { } hold)
            {
                throw new InvalidOperationException($"Record {index} is of this subject and is under the legal hold '{hold.Id}' ({hold.Reason}). Release the hold first.");
            }

            index++;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
