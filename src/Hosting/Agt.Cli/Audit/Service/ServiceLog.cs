using System.Collections.Concurrent;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Queries;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Verification;

namespace Agt.Cli.Audit.Service;

/// <summary>The log behind the service: one that it writes itself, or one that it only reads. Thread-safe.</summary>
internal sealed class ServiceLog(string directory, AuditLog? log, IAuditStore? writing, TrustPolicy? trust) : IAsyncDisposable
{
    private const int MaxRemembered = 100_000;
    private readonly ConcurrentDictionary<Guid, long> _recent = new();
    private readonly ConcurrentDictionary<Guid, (RecordDraft Draft, Task<long> Task)> _underWay = new();
    private readonly ConcurrentQueue<Guid> _order = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _verifying = new();
    private LogVerification? _verified;

    /// <summary>Whether records can be handed in.</summary>
    internal bool Writes => log is not null;

    internal LogSummary Summary { get; } = new();

    internal AuditLog Log => log ?? throw new InvalidOperationException("The log is only read.");

    /// <summary>Reads the log. A log that is written by somebody else is opened for each reading.</summary>
    internal T Read<T>(Func<IAuditStore, T> read)
    {
        if (writing is not null)
        {
            return read(writing);
        }

        using IAuditStore store = LogDirectory.Open(directory);
        return read(store);
    }

    /// <summary>Hands a record over, behind those that were handed over before; one that comes again under its id is found again.</summary>
    /// <returns>What completes when the record is durable: its index, and whether it is new.</returns>
    /// <exception cref="AuditStoreException"><see cref="AuditStoreProblem.DuplicateRecordId"/>: another record has its id.</exception>
    internal async ValueTask<Task<(long Index, bool IsNew)>> BeginAsync(RecordDraft draft, CancellationToken cancellationToken)
    {
        if (draft.RecordId is not { } id)
        {
            return CompleteAsync(Log.AppendAsync(draft, cancellationToken).AsTask(), isNew: true);
        }

        // Looked up and handed over by one at a time: two that come at once under one id are one.
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_underWay.TryGetValue(id, out (RecordDraft Draft, Task<long> Task) first))
            {
                return first.Draft.IsSameAs(draft) ? CompleteAsync(first.Task, isNew: false) : throw Duplicate(id);
            }

            if (Known(id) is { } known)
            {
                return draft.IsSameAs(known.Leaf) ? Task.FromResult((known.Index, false)) : throw Duplicate(id);
            }

            Task<long> appending = Log.AppendAsync(draft, CancellationToken.None).AsTask();
            _underWay[id] = (draft, appending);
            return FinishAsync(id, appending);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Verifies the log from its start, once for a checkpoint; null if nobody said whom to trust.</summary>
    internal LogVerification? Verify(CancellationToken cancellationToken)
    {
        if (trust is null)
        {
            return null;
        }

        lock (_verifying)
        {
            return Read(store =>
            {
                if (_verified?.Checkpoint is { } last && SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? now, out _) && last.Checkpoint == now.Checkpoint && _verified.IsValid)
                {
                    return _verified;
                }

                return _verified = new LogVerifier(store, trust).Verify(cancellationToken);
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (log is not null)
        {
            await log.DisposeAsync().ConfigureAwait(false);
        }

        _turn.Dispose();
    }

    private static AuditStoreException Duplicate(Guid id) => new(AuditStoreProblem.DuplicateRecordId, $"A record has the id '{id}' already, and says something else. Give this one an id of its own.");

    private static async Task<(long Index, bool IsNew)> CompleteAsync(Task<long> appending, bool isNew) => (await appending.ConfigureAwait(false), isNew);

    private async Task<(long Index, bool IsNew)> FinishAsync(Guid id, Task<long> appending)
    {
        try
        {
            long index = await appending.ConfigureAwait(false);
            Remember(id, index);
            return (index, true);
        }
        finally
        {
            _underWay.TryRemove(id, out _);
        }
    }

    private AuditEntry? Known(Guid id) => _recent.TryGetValue(id, out long recent) ? new AuditEntry(recent, Read(store => store.ReadLeaves(recent, 1).Single())) : Log.Index?.Find(id);

    /// <summary>A store without an index knows the ids of the last records only.</summary>
    private void Remember(Guid id, long index)
    {
        if (Log.Index is not null)
        {
            return;
        }

        _recent[id] = index;
        _order.Enqueue(id);
        while (_order.Count > MaxRemembered && _order.TryDequeue(out Guid oldest))
        {
            _recent.TryRemove(oldest, out _);
        }
    }
}
