using Agt.Audit;
using Agt.Audit.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>
/// Writes the log that producers hand records in to (spec 09, AUD-413). Of any number of them, on any machine, the one that holds the log's lock is elected: it takes records off the queue, gives them their places and signs
/// checkpoints. The others stand by, and one of them goes on when it ends.
/// </summary>
/// <remarks>
/// Thread-safe. A record leaves the queue in the transaction in which it enters the log, so that it is in one of them wherever anything ends, and never in both. Who has lost the lock cannot write, and gives way to who has
/// it. Key, sealing key and copy of the checkpoint are files that all of them must reach (<see cref="AuditOptions"/>).
/// </remarks>
public sealed class PostgresSequencer : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private readonly string _connectionString;
    private readonly string _schema;
    private readonly Action<AuditOptions> _configure;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private AuditLog? _log;
    private Exception? _failure;
    private int _disposed;

    private PostgresSequencer(string connectionString, Action<AuditOptions> configure, string schema, TimeProvider time, ILogger logger)
    {
        _connectionString = connectionString;
        _configure = configure;
        _schema = schema;
        _time = time;
        _logger = logger;
        _running = RunAsync();
    }

    /// <summary>The log, while this one writes it; null while it stands by. It is closed when another takes over: what it is asked then fails.</summary>
    public AuditLog? Log => Volatile.Read(ref _log);

    /// <summary>Why it does not write the log now; null if it does, or has not tried yet. While it stands by, that another holds the lock.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Begins to stand by, and to write as soon as nobody else does.</summary>
    /// <param name="connectionString">How the role that writes the log connects.</param>
    /// <param name="configure">Sets how the log is kept; called at every election. <see cref="AuditOptions.OpenStore"/> is set by the sequencer.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="logger">Where notices and failures are told; null for nowhere.</param>
    /// <exception cref="ArgumentException">The name or the connection string cannot be.</exception>
    public static PostgresSequencer Start(string connectionString, Action<AuditOptions> configure, string schema = PostgresAuditStore.DefaultSchema, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        PostgresSchema.Name(schema, "schema of the audit log");
        return new PostgresSequencer(PostgresAuditStore.Settings(connectionString).ToString(), configure, schema, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
    }

    /// <summary>Writes what the log has taken over, takes a last checkpoint and gives the lock up. What is on the queue stays there for the next.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LeadAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it is, nothing is lost by standing by: records wait on the queue, and who waits for them is told no.
                bool known = _failure?.Message == exception.Message;
                Volatile.Write(ref _failure, exception);
                if (exception is not AuditStoreException { Problem: AuditStoreProblem.Locked } && !known)
                {
                    PostgresMessages.CannotLead(_logger, _schema, exception);
                }
            }

            await PauseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes the log until told to stop, or until the lock is lost.</summary>
    private async ValueTask LeadAsync()
    {
        PostgresAuditStore? store = null;
        var options = new AuditOptions();
        _configure(options);
        options.OpenStore = _ => store = PostgresAuditStore.Open(_connectionString, _schema);
        var log = AuditLog.Open(options, _time, _logger);
        log.GiveWay();
        try
        {
            Volatile.Write(ref _failure, null);
            Volatile.Write(ref _log, log);
            PostgresMessages.Elected(_logger, _schema);
            var queue = new PostgresQueue(_connectionString, _schema, store!, log, options.BatchSize, _time, _logger);
            await using (queue.ConfigureAwait(false))
            {
                await MoveAsync(queue).ConfigureAwait(false);
            }
        }
        catch (IOException exception)
        {
            PostgresMessages.SteppedDown(_logger, _schema, exception);
            throw;
        }
        finally
        {
            Volatile.Write(ref _log, null);
            await CloseAsync(log).ConfigureAwait(false);
        }
    }

    private async ValueTask MoveAsync(PostgresQueue queue)
    {
        bool owned = false;
        while (true)
        {
            _stop.Token.ThrowIfCancellationRequested();
            try
            {
                if (!owned)
                {
                    await queue.OwnAsync(_stop.Token).ConfigureAwait(false);
                    owned = true;
                }

                await queue.MoveAsync(LookEvery, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // The session that reads the queue broke; the one that holds the lock is another.
                Volatile.Write(ref _failure, PostgresFailure.Of(exception as NpgsqlException ?? new NpgsqlException(exception.Message, exception)));
                await queue.DisposeAsync().ConfigureAwait(false);
                await PauseAsync().ConfigureAwait(false);
                Volatile.Write(ref _failure, null);
            }
        }
    }

    /// <summary>Closes a log. What it has not written is on the queue still.</summary>
    private async ValueTask CloseAsync(AuditLog log)
    {
        try
        {
            await log.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            PostgresMessages.NotWritten(_logger, _schema, exception);
        }
    }

    private async ValueTask PauseAsync()
    {
        try
        {
            await Task.Delay(LookEvery, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The caller looks whether it goes on.
        }
    }
}
