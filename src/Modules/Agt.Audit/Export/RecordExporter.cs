using Agt.Audit.Notes;
using Agt.Audit.Queries;
using Microsoft.Extensions.Logging;

namespace Agt.Audit.Export;

/// <summary>
/// Takes the records of a log to one sink, by a cursor that survives the process: in order, each at least once, none left out. The log never waits for it, and a sink that fails holds up neither the log nor another
/// sink (spec 09, AUD-514 to 516 and AUD-957).
/// </summary>
/// <remarks>Thread-safe. Only what a signed checkpoint covers is sent, so that whoever gets a record can ask for its proof.</remarks>
public sealed class RecordExporter : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private readonly AuditLog _log;
    private readonly IRecordSink _sink;
    private readonly ExportOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _cursorFile;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _work;
    private Task<SinkResult> _inFlight = Task.FromResult(SinkResult.Success);
    private long _next;
    private long _delivered;
    private long _dropped;
    private long _failures;
    private long _openedAt;
    private int _inARow;
    private int _state;

    internal RecordExporter(AuditLog log, string name, IRecordSink sink, ExportOptions options, string cursorFile, TimeProvider time, ILogger logger)
    {
        // The sink was asked once: whatever it says later, its cursor stays where it is.
        Name = name;
        options.Check(Name);
        _log = log;
        _sink = sink;
        _options = options;
        _cursorFile = cursorFile;
        _time = time;
        _logger = logger;
        _next = ExportCursor.Read(cursorFile, log.Origin, log.Size) ?? (options.FromNow ? log.Size : log.First);
        if (_next < log.First)
        {
            throw new InvalidDataException($"The records {_next} to {log.First - 1} were purged before the sink '{Name}' had them. Remove '{cursorFile}' to go on with record {log.First}.");
        }

        // The cursor is there before the first record is sent: what a sink waits for is not purged.
        ExportCursor.Write(cursorFile, log.Origin, _next);
        _work = Task.Run(RunAsync);
    }

    /// <summary>The name of the sink.</summary>
    public string Name { get; }

    /// <summary>The next record to be sent: all before it are delivered or dropped.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>How many records the sink has taken since the start.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>How many records the sink refused for ever since the start. The log has them.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>How many exports failed since the start; their records were, or will be, sent again.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Whether the sink is used or left alone.</summary>
    public BreakerState State => (BreakerState)Volatile.Read(ref _state);

    /// <summary>Called with the duration of every export; for metrics.</summary>
    internal Action<RecordExporter, TimeSpan>? Measured { get; set; }

    /// <summary>Waits until everything that a checkpoint covers now has reached the sink.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>Whether it has.</returns>
    public async ValueTask<bool> FlushAsync(TimeSpan timeout)
    {
        long until = Covered();
        long began = _time.GetTimestamp();
        while (Next < until)
        {
            if (_time.GetElapsedTime(began) >= timeout || _work.IsCompleted)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), _time).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Sends what is covered by a checkpoint, as long as the options allow, and stops. The sink stays as it is: it belongs to who made it.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.TrySetResult();
        try
        {
            await _work.WaitAsync(_options.ShutdownTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await _work.ConfigureAwait(false);
        }

        _log.Remove(this);
        _end.Dispose();
    }

    private long Covered() => Math.Min(_log.Checkpoint.Checkpoint.Size, _log.Size);

    private async Task RunAsync()
    {
        TimeSpan pause = FirstPause;
        long waitingSince = 0;
        try
        {
            while (!_end.IsCancellationRequested)
            {
                bool stopping = _stopping.Task.IsCompleted;
                long ready = Covered() - _next;
                if (ready <= 0)
                {
                    waitingSince = 0;
                    if (stopping)
                    {
                        return;
                    }

                    await RestAsync(Poll).ConfigureAwait(false);
                    continue;
                }

                waitingSince = waitingSince == 0 ? _time.GetTimestamp() : waitingSince;
                if (!stopping && ready < _options.BatchSize && _time.GetElapsedTime(waitingSince) is var waited && waited < _options.Delay)
                {
                    await RestAsync(_options.Delay - waited < Poll ? _options.Delay - waited : Poll).ConfigureAwait(false);
                    continue;
                }

                if (State == BreakerState.Open)
                {
                    TimeSpan left = _options.BreakDuration - _time.GetElapsedTime(_openedAt);
                    if (left > TimeSpan.Zero)
                    {
                        if (stopping)
                        {
                            return;
                        }

                        await RestAsync(left).ConfigureAwait(false);
                        continue;
                    }

                    Volatile.Write(ref _state, (int)BreakerState.HalfOpen);
                }

                if (await TryOnceAsync().ConfigureAwait(false))
                {
                    pause = FirstPause;
                    waitingSince = 0;
                    continue;
                }

                if (stopping)
                {
                    return;
                }

                await RestAsync(pause).ConfigureAwait(false);
                pause = pause * 2 < _options.BreakDuration ? pause * 2 : _options.BreakDuration;
            }
        }
        catch (Exception exception)
        {
            AuditLogMessages.ExportEnded(_logger, Name, exception);
        }
    }

    /// <summary>Sends one batch.</summary>
    private async Task<bool> TryOnceAsync()
    {
        SinkResult result = SinkResult.Failure;
        Exception? problem = null;
        int count = 0;
        long began = _time.GetTimestamp();
        try
        {
            Checkpoint checkpoint = _log.Checkpoint.Checkpoint;
            long first = _next;
            AuditEntry[] records = [.. _log.Read(first, Math.Min(_options.BatchSize, Covered() - first)).Select((leaf, i) => new AuditEntry(first + i, leaf))];
            count = records.Length;
            result = await SendAsync(new RecordBatch(checkpoint, records)).ConfigureAwait(false);
            if (result != SinkResult.Failure)
            {
                ExportCursor.Write(_cursorFile, _log.Origin, first + count);
                Volatile.Write(ref _next, first + count);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            problem = exception;
            result = SinkResult.Failure;
        }

        Measured?.Invoke(this, _time.GetElapsedTime(began));
        if (result == SinkResult.Failure)
        {
            Failed(problem);
            return false;
        }

        Interlocked.Add(ref result == SinkResult.Success ? ref _delivered : ref _dropped, count);
        _inARow = 0;
        if (Interlocked.Exchange(ref _state, (int)BreakerState.Closed) != (int)BreakerState.Closed)
        {
            AuditLogMessages.SinkWorksAgain(_logger, Name);
        }

        return true;
    }

    private async Task<SinkResult> SendAsync(RecordBatch batch)
    {
        if (!_inFlight.IsCompleted)
        {
            throw new TimeoutException("The export before this one has not ended yet.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        using var timer = new CancellationTokenSource(_options.Timeout, _time);
        using CancellationTokenRegistration link = timer.Token.Register(static state => ((CancellationTokenSource)state!).Cancel(), limit);

        // A sink that blocks or ignores the cancellation must not hold the exporter.
        CancellationToken token = limit.Token;
        _inFlight = Task.Run(async () => await _sink.WriteAsync(batch, token).ConfigureAwait(false), CancellationToken.None);
        SinkResult result = await _inFlight.WaitAsync(_options.Timeout, _time, _end.Token).ConfigureAwait(false);
        return Enum.IsDefined(result) ? result : SinkResult.Failure;
    }

    private void Failed(Exception? problem)
    {
        Interlocked.Increment(ref _failures);
        _inARow++;
        if (State == BreakerState.HalfOpen || _inARow >= _options.BreakAfterFailures)
        {
            _openedAt = _time.GetTimestamp();
            if (Interlocked.Exchange(ref _state, (int)BreakerState.Open) == (int)BreakerState.Closed)
            {
                AuditLogMessages.SinkFailed(_logger, Name, _inARow, _next, problem);
            }
        }
    }

    private async Task RestAsync(TimeSpan duration)
    {
        try
        {
            await _stopping.Task.WaitAsync(duration, _time, _end.Token).ConfigureAwait(false);

            // While stopping nothing is waited for but the sink itself.
        }
        catch (TimeoutException)
        {
            // The rest is over.
        }
        catch (OperationCanceledException)
        {
            // The loop looks at it.
        }
    }
}
