using System.Collections.Concurrent;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Records;
using Agt.Audit.Sealing;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Microsoft.Extensions.Logging;

namespace Agt.Audit;

/// <summary>
/// A log that only grows: every record is a leaf of one Merkle tree (RFC 6962), written by one thread, many together, and covered by signed checkpoints (C2SP).
/// </summary>
/// <remarks>
/// Thread-safe. One process writes a log at a time. Records are in the order in which they were handed over. When the store fails, what waits stays in memory and is tried again, who waits for
/// it fails, and nobody new is let in until the store works again: nothing is dropped.
/// </remarks>
public sealed partial class AuditLog : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentQueue<PendingRecord> _queue = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _publishing = new();
    private readonly IAuditStore _store;
    private volatile IAuditSigner _signer;
    private readonly AuditOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CheckpointFile? _copy;
    private readonly Vault? _vault;
    private readonly RecordIds _ids;
    private readonly RecordWriter _writer;
    private readonly CompactRange _tree;
    private readonly TileTree _tiles;
    private readonly AuditBatch _batch = new();
    private readonly List<(TaskCompletionSource<long> Task, long Index)> _waiters = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SignedCheckpoint _checkpoint;
    private long _sequence;
    private long _pending;
    private long _signedAt;
    private int _asleep;
    private int _stopping;
    private bool _givesWay;
    private bool _closed;
    private Exception? _failure;
    private readonly List<IDisposable> _owned = [];
    private AuditMetrics? _metrics;

    private AuditLog(IAuditStore store, IAuditSigner signer, AuditOptions options, TimeProvider time, ILogger logger, CheckpointFile? copy, TileTree tiles, CompactRange tree, SignedCheckpoint checkpoint, Vault? vault)
    {
        _vault = vault;
        _store = store;
        _signer = signer;
        _options = options;
        _time = time;
        _logger = logger;
        _copy = copy;
        _tiles = tiles;
        _tree = tree;
        _checkpoint = checkpoint;
        _retiring = options.Retiring;
        _ids = new RecordIds();
        _writer = new RecordWriter(_ids, RecordEnvironment.Read(options, System.Environment.GetEnvironmentVariable), options.Context, vault, [.. options.Members], options.Directory);
        _signedAt = time.GetTimestamp();
        _thread = new Thread(Write) { IsBackground = true, Name = "Agt audit log" };
    }

    /// <summary>The unique name of the log.</summary>
    public string Origin => _signer.Key.Name;

    /// <summary>The key that signs its checkpoints.</summary>
    public VerifierKey Key => _signer.Key;

    /// <summary>How many records are durable.</summary>
    public long Size => _store.Size;

    /// <summary>How many records wait to be written.</summary>
    public long Pending => Volatile.Read(ref _pending);

    /// <summary>The latest checkpoint.</summary>
    public SignedCheckpoint Checkpoint => Volatile.Read(ref _checkpoint);

    /// <summary>How long ago the latest checkpoint was signed.</summary>
    public TimeSpan CheckpointAge => _time.GetElapsedTime(Volatile.Read(ref _signedAt));

    /// <summary>Why the log cannot take records now; null if it can.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Finds records by what they say; null if the store keeps no index.</summary>
    public Queries.IAuditIndex? Index => _store as Queries.IAuditIndex;

    /// <summary>What names this run of this process in its records.</summary>
    public string Emitter => _ids.Emitter;

    /// <summary>Records an event.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="cancellationToken">Ends the wait, not the record.</param>
    /// <returns>The index of the record, once it is durable.</returns>
    /// <exception cref="ArgumentException">The event lacks something, or has something that cannot be.</exception>
    /// <exception cref="IOException">The log cannot take it.</exception>
    public ValueTask<long> AppendAsync(AuditEvent happened, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(happened);
        happened.Check();
        var record = new PendingRecord { Event = happened, Timestamp = _time.GetUtcNow(), Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        return EnqueueAsync(record, cancellationToken);
    }

    /// <summary>Records what another system handed in.</summary>
    /// <param name="draft">The record.</param>
    /// <param name="cancellationToken">Ends the wait, not the record.</param>
    /// <returns>The index of the record, once it is durable.</returns>
    /// <exception cref="InvalidRecordException">It is numbered as if the log itself had written it.</exception>
    /// <exception cref="IOException">The log cannot take it, or it is longer than an entry of a log can be.</exception>
    public ValueTask<long> AppendAsync(RecordDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (draft.Emitter == Emitter)
        {
            throw new InvalidRecordException("emitter_id", "The member 'emitter_id' is that of the log itself, which numbers its own records. Leave it out, or use one of your own.");
        }

        return EnqueueAsync(new PendingRecord { Draft = draft, Timestamp = _time.GetUtcNow(), Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously) }, cancellationToken);
    }

    /// <summary>
    /// Makes everything that was sealed for a subject unreadable, by destroying its key, and records that it was done (spec 09, AUD-604). Root, proofs and receipts stay as they are. Copies of the key
    /// table that were made before still hold the key: they have to be destroyed too.
    /// </summary>
    /// <param name="subject">The user or agent, as <see cref="Principal.User"/> or <see cref="Principal.Agent"/> names it. The record holds a keyed hash of it.</param>
    /// <param name="legalBasis">Why, for example <c>GDPR Art. 17</c>.</param>
    /// <param name="actor">Who asked for it.</param>
    /// <param name="cancellationToken">Ends the wait for the record.</param>
    /// <returns>Whether there was anything to destroy. The record is written in any case.</returns>
    /// <exception cref="InvalidOperationException">The log seals nothing, or a legal hold covers a record of the subject; nothing was erased then.</exception>
    /// <exception cref="IOException">The key table or the log cannot be written.</exception>
    public async ValueTask<bool> EraseAsync(string subject, string legalBasis, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        ArgumentException.ThrowIfNullOrWhiteSpace(legalBasis);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        Vault vault = _vault ?? throw new InvalidOperationException("The audit log seals nothing (AuditOptions.Context), so that there is nothing to erase.");
        await _retaining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(() => RequireNotHeld(subject, cancellationToken), cancellationToken).ConfigureAwait(false);
            bool erased = vault.Erase(subject, out string id);
            await AppendAsync(Erased(id, erased, legalBasis, actor), cancellationToken).ConfigureAwait(false);
            return erased;
        }
        finally
        {
            _retaining.Release();
        }
    }

    private static AuditEvent Erased(string id, bool erased, string legalBasis, string actor) =>
        new("erasure", "subject.erased", "erase")
        {
            Reason = legalBasis,
            Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["agt.actor"] = actor, ["agt.erased"] = erased ? "true" : "false", ["agt.subject"] = id },
        };

    /// <summary>Waits until everything that was handed over before is durable.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The log cannot write now.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        await EnqueueAsync(new PendingRecord { Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously) }, cancellationToken).ConfigureAwait(false);

    /// <summary>Takes a checkpoint of all that is durable now.</summary>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="IOException">The signer or the store cannot be reached.</exception>
    public SignedCheckpoint Publish()
    {
        lock (_publishing)
        {
            long size = _store.Size;
            SignedCheckpoint latest = _checkpoint;
            return latest.Checkpoint.Size == size ? latest : Sign(size, _tiles.Root(size));
        }
    }

    /// <summary>Proves that a record is in the log, against the latest checkpoint; a new one is taken if it does not cover the record yet.</summary>
    /// <param name="index">The index of the record.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such record.</exception>
    /// <exception cref="InvalidDataException">The store is not what it was.</exception>
    public Receipt Prove(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        SignedCheckpoint checkpoint = Checkpoint.Checkpoint.Size > index ? Checkpoint : Publish();
        ReadOnlyMemory<byte> leaf = Read(index, 1).Single();
        return new Receipt(index, _tiles.Inclusion(index, checkpoint.Checkpoint.Size), checkpoint, leaf);
    }

    /// <summary>Proves that the log at one size is the start of the log at another.</summary>
    /// <param name="first">The smaller size, at least 1.</param>
    /// <param name="second">The larger size, at most <see cref="Size"/>.</param>
    public IReadOnlyList<LogHash> ProveConsistency(long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second, Size);
        return _tiles.Consistency(first, second);
    }

    /// <summary>Reads records as they were written.</summary>
    /// <param name="first">The index of the first one.</param>
    /// <param name="count">How many; fewer come back where the log ends.</param>
    public IEnumerable<ReadOnlyMemory<byte>> Read(long first, long count) => _store.ReadLeaves(first, count);

    /// <summary>Writes what waits, takes a last checkpoint and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
        {
            Wake();
        }

        try
        {
            await _stopped.Task.ConfigureAwait(false);
        }
        finally
        {
            _owned.ForEach(static owned => owned.Dispose());
        }
    }

    /// <summary>Writes what waits, takes a last checkpoint and closes the store; blocks meanwhile.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
        {
            Wake();
        }

        _thread.Join();
        _owned.ForEach(static owned => owned.Dispose());
    }

    /// <summary>When the log is closed while somebody else holds its lock, it does not try until the deadline: for who keeps elsewhere what waits here.</summary>
    internal void GiveWay() => Volatile.Write(ref _givesWay, true);

    /// <summary>Disposes something with the log.</summary>
    internal void Own(IDisposable owned) => _owned.Add(owned);

    /// <summary>Says which file the key of the log is in, so that it can be replaced.</summary>
    internal void KeyIsIn(string file) => _keyFile = file;

    /// <summary>Hands a decision or an outcome over.</summary>
    /// <param name="record">The record. Its lease passes to the log.</param>
    /// <param name="waits">Whether to wait until it is durable.</param>
    internal ValueTask AppendAsync(in PendingRecord record, bool waits)
    {
        if (!waits && Volatile.Read(ref _pending) < _options.QueueSize && Volatile.Read(ref _failure) is null && Volatile.Read(ref _stopping) == 0)
        {
            _queue.Enqueue(record);
            Interlocked.Increment(ref _pending);
            if (Volatile.Read(ref _asleep) != 0)
            {
                Wake();
            }

            return default;
        }

        return waits ? WhenDurableAsync(record) : WhenThereIsRoomAsync(record);
    }

    private async ValueTask WhenDurableAsync(PendingRecord record)
    {
        record.Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await EnqueueAsync(record, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask WhenThereIsRoomAsync(PendingRecord record)
    {
        await RoomAsync(record).ConfigureAwait(false);
        _queue.Enqueue(record);
        Interlocked.Increment(ref _pending);
        Wake();
    }

    private async ValueTask<long> EnqueueAsync(PendingRecord record, CancellationToken cancellationToken)
    {
        await RoomAsync(record).ConfigureAwait(false);
        TaskCompletionSource<long> waiter = record.Waiter!;
        _queue.Enqueue(record);
        Interlocked.Increment(ref _pending);
        Wake();
        try
        {
            return await waiter.Task.WaitAsync(_options.AppendDeadline, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new IOException($"The record was not durable within {_options.AppendDeadline}.", exception);
        }
    }

    /// <summary>Waits for room in the queue, as long as an append may take; whoever is not let in leaves nothing behind.</summary>
    private async ValueTask RoomAsync(PendingRecord record)
    {
        try
        {
            long began = _time.GetTimestamp();
            while (true)
            {
                if (Volatile.Read(ref _stopping) != 0)
                {
                    throw new IOException("The audit log has been closed.");
                }

                if (record.Waiter is not null && _time.GetElapsedTime(Volatile.Read(ref _signedAt)) is var age && age > _options.MaxCheckpointAge && Checkpoint.Checkpoint.Size < Size)
                {
                    throw new IOException($"The last checkpoint is {age} old: the signer cannot be reached.");
                }

                Exception? failure = Volatile.Read(ref _failure);
                if (failure is null && Volatile.Read(ref _pending) < _options.QueueSize)
                {
                    return;
                }

                if (_time.GetElapsedTime(began) >= _options.AppendDeadline || (failure is not null && record.Waiter is not null))
                {
                    throw new IOException("The audit log cannot take records: " + (failure?.Message ?? "its queue is full."), failure);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(5), _time).ConfigureAwait(false);
            }
        }
        catch
        {
            record.Arena?.Release();
            throw;
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has woken it.
            }
        }
    }
}
