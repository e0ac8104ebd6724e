using System.Collections.Concurrent;
using Agt.Audit;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>
/// Hands records in to a log that another process writes (spec 09, AUD-413, AUD-X04): any number of processes on any machine, each with a role that can add to the queue of the log and nothing else. A governed host
/// that records in this way has no key of the log, and can neither sign nor delete.
/// </summary>
/// <remarks>
/// Thread-safe. Records are handed in in the order of the calls, and numbered by the producer, so that one that is lost shows. When the database fails, what waits stays in memory and is tried again, who waits for it
/// fails, and nobody new who would wait is let in until it works again. Whoever waits is told when the record is in the log, durably, not when it is on the queue. Arguments are recorded as their digest.
/// </remarks>
public sealed partial class PostgresAuditProducer : IDecisionLog, IAsyncDisposable
{
    private readonly ConcurrentQueue<PendingRecord> _queue = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _waiting = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly PostgresHandIn _handIn;
    private readonly PostgresNotices _notices;
    private readonly string _schema;
    private readonly AuditOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RecordIds _ids = new();
    private readonly RecordWriter _writer;
    private readonly Task _handingIn;
    private readonly Task _asking;
    private long _sequence;
    private long _pending;
    private int _stopping;
    private Exception? _failure;

    private PostgresAuditProducer(PostgresHandIn handIn, string connectionString, string schema, AuditOptions options, TimeProvider time, ILogger logger)
    {
        _handIn = handIn;
        _notices = new PostgresNotices(connectionString, PostgresQueueSchema.Taken(schema));
        _schema = schema;
        _options = options;
        _time = time;
        _logger = logger;
        _writer = new RecordWriter(_ids, RecordEnvironment.Read(options, System.Environment.GetEnvironmentVariable), ContextCapture.Digest, null, [], options.Directory);
        _handingIn = HandInAsync();
        _asking = AskAsync();
    }

    /// <summary>What names this run of this process in its records.</summary>
    public string Emitter => _ids.Emitter;

    /// <summary>How many records wait in memory to be put on the queue of the log.</summary>
    public long Pending => Volatile.Read(ref _pending);

    /// <summary>Why records cannot be handed in now; null if they can.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Lets a role hand records in to a log, once, as the owner of the log.</summary>
    /// <param name="ownerConnectionString">How the owner connects.</param>
    /// <param name="producerRole">The role: it must exist, and be neither the writer's nor a member of the owner. Producers that must not be able to write in each other's name have a role each.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <exception cref="ArgumentException">A name or the connection string cannot be.</exception>
    /// <exception cref="IOException">The server refused, or cannot be reached.</exception>
    public static void Allow(string ownerConnectionString, string producerRole, string schema = PostgresAuditStore.DefaultSchema)
    {
        PostgresSchema.Name(schema, "schema of the audit log");
        PostgresSchema.Name(producerRole, "role of the producer");
        try
        {
            using var connection = new NpgsqlConnection(PostgresAuditStore.Settings(ownerConnectionString).ToString());
            connection.Open();
            using NpgsqlCommand command = new(PostgresQueueSchema.Grants(schema, producerRole), connection);
            command.ExecuteNonQuery();
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }
    }

    /// <summary>Begins to hand records in.</summary>
    /// <param name="connectionString">How the producer's role connects.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <param name="options">Used are the deadline, the sizes of batches and queue, the durability and where the process runs. Null for the defaults.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="logger">Where failures are told; null for nowhere.</param>
    /// <exception cref="ArgumentException">The name or the connection string cannot be.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range, or asks for what only the host that writes the log can do.</exception>
    /// <exception cref="AuditStoreException">The log was not installed, or by another version; or the role may do more than hand records in.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static PostgresAuditProducer Open(string connectionString, string schema = PostgresAuditStore.DefaultSchema, AuditOptions? options = null, TimeProvider? time = null, ILogger? logger = null)
    {
        PostgresSchema.Name(schema, "schema of the audit log");
        options ??= new AuditOptions();
        options.Check();
        if (options.Context != ContextCapture.Digest || options.Durability == AuditDurability.Witnessed)
        {
            throw new OptionsValidationException(
                nameof(AuditOptions), typeof(AuditOptions),
                [$"{nameof(AuditOptions.Context)} is {options.Context} and {nameof(AuditOptions.Durability)} is {options.Durability}. A producer records digests of arguments and asks no witness: leave the first at {nameof(ContextCapture.Digest)}, and the second at one of the others."]);
        }

        string settings = PostgresAuditStore.Settings(connectionString).ToString();
        var handIn = new PostgresHandIn(settings, schema);
        handIn.Open();
        return new PostgresAuditProducer(handIn, settings, schema, options, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
    }

    /// <summary>Hands a record in.</summary>
    /// <param name="draft">The record. Unless it has numbers of its own it gets those of this producer.</param>
    /// <param name="cancellationToken">Ends the wait, not the record.</param>
    /// <returns>The index of the record, once it is in the log and durable.</returns>
    /// <exception cref="InvalidRecordException">The log refused the record.</exception>
    /// <exception cref="IOException">It cannot be handed in, or was not in the log within the deadline; it may get there later.</exception>
    public ValueTask<long> AppendAsync(RecordDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return WhenTakenAsync(new PendingRecord { Draft = draft, Timestamp = _time.GetUtcNow(), Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously) }, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        PendingRecord pending = AuditDecisionLog.Pending(in record);
        return AuditDecisionLog.IsAwaited(in record, _options.Durability) ? WaitAsync(pending) : HandOverAsync(pending);
    }

    /// <inheritdoc />
    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) => HandOverAsync(AuditDecisionLog.Pending(in record));

    /// <summary>Hands in what waits, and waits for those who wait.</summary>
    /// <exception cref="IOException">Not everything could be handed in before the deadline.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            await Task.WhenAll(_handingIn, _asking).ConfigureAwait(false);
            return;
        }

        Wake();
        try
        {
            await _handingIn.ConfigureAwait(false);
            Task taken = Task.WhenAll(_waiting.Values.Select(static waiter => waiter.Task));
            await Task.WhenAny(taken, Task.Delay(_options.AppendDeadline, _time)).ConfigureAwait(false);
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            await _asking.ConfigureAwait(false);
            Fail(_waiting.Keys, new IOException("The producer has been closed; the record is on the queue of the log."));
            await _handIn.DisposeAsync().ConfigureAwait(false);
            await _notices.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask WaitAsync(PendingRecord record)
    {
        record.Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await WhenTakenAsync(record, CancellationToken.None).ConfigureAwait(false);
    }

    private ValueTask HandOverAsync(PendingRecord record)
    {
        if (Volatile.Read(ref _pending) < _options.QueueSize && Volatile.Read(ref _failure) is null && Volatile.Read(ref _stopping) == 0)
        {
            Enqueue(in record);
            return default;
        }

        return WhenThereIsRoomAsync(record);
    }

    private async ValueTask WhenThereIsRoomAsync(PendingRecord record)
    {
        await RoomAsync(record).ConfigureAwait(false);
        Enqueue(in record);
    }

    private async ValueTask<long> WhenTakenAsync(PendingRecord record, CancellationToken cancellationToken)
    {
        await RoomAsync(record).ConfigureAwait(false);
        TaskCompletionSource<long> waiter = record.Waiter!;
        Enqueue(in record);
        try
        {
            return await waiter.Task.WaitAsync(_options.AppendDeadline, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new IOException($"The record was not in the log within {_options.AppendDeadline}. Is there a sequencer that writes it?", exception);
        }
        finally
        {
            // Nobody waits any longer: it is asked for no more.
            waiter.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Waits for room in memory, as long as an append may take; whoever is not let in leaves nothing behind.</summary>
    private async ValueTask RoomAsync(PendingRecord record)
    {
        try
        {
            long began = _time.GetTimestamp();
            while (true)
            {
                if (Volatile.Read(ref _stopping) != 0)
                {
                    throw new IOException("The producer has been closed.");
                }

                Exception? failure = Volatile.Read(ref _failure);
                if (failure is null && Volatile.Read(ref _pending) < _options.QueueSize)
                {
                    return;
                }

                if (_time.GetElapsedTime(began) >= _options.AppendDeadline || (failure is not null && record.Waiter is not null))
                {
                    throw new IOException("Records cannot be handed in to the audit log: " + (failure?.Message ?? "too many wait."), failure);
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

    private void Enqueue(in PendingRecord record)
    {
        _queue.Enqueue(record);
        Interlocked.Increment(ref _pending);
        Wake();
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
