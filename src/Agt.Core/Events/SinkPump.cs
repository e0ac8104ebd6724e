using Microsoft.Extensions.Logging;

namespace Agt.Events;

/// <summary>Queue, batches, breaker and journal of one sink. Thread-safe.</summary>
internal sealed class SinkPump : IAsyncDisposable
{
    private readonly IEventSink _sink;
    private readonly EventExportOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventJournal _journal;
    private readonly Lock _gate = new();
    private readonly Queue<EventEnvelope> _queue = new();
    private readonly SemaphoreSlim _exporting = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private TaskCompletionSource _filled = NewSignal();
    private Task _call = Task.CompletedTask;
    private int _failures;
    private long _openUntil;
    private bool _open;
    private long _dropped;
    private long _lost;
    private bool _closed;

    internal SinkPump(IEventSink sink, EventExportOptions options, TimeProvider time, ILogger logger)
    {
        _sink = sink;
        _options = options;
        _time = time;
        _logger = logger;
        _journal = EventJournal.Open(options.JournalFolder, sink.Name, options.MaxJournalBytes);
        _loop = RunAsync();
    }

    /// <summary>Events that were let go because the queue was full or an export failed.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Denials, violations and approvals that found no room in the journal either.</summary>
    internal long Lost => Interlocked.Read(ref _lost);

    internal bool IsBroken
    {
        get
        {
            lock (_gate)
            {
                return _open && _time.GetTimestamp() < _openUntil;
            }
        }
    }

    internal void Offer(EventEnvelope envelope)
    {
        TaskCompletionSource? filled = null;
        lock (_gate)
        {
            if (_closed)
            {
                Keep(envelope);
                return;
            }

            if (_queue.Count >= _options.QueueCapacity)
            {
                Keep(_queue.Dequeue());
            }

            _queue.Enqueue(envelope);
            if (_queue.Count >= _options.BatchSize)
            {
                filled = _filled;
            }
        }

        filled?.TrySetResult();
    }

    /// <summary>Exports what waits, as far as time and breaker allow.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (!IsBroken && await ExportOneAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        using (var limit = new CancellationTokenSource(_options.ShutdownTimeout, _time))
        {
            try
            {
                await _loop.WaitAsync(limit.Token).ConfigureAwait(false);
                await FlushAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                EventLog.ClosedBeforeDone(_logger, _sink.Name);
            }
        }

        lock (_gate)
        {
            while (_queue.TryDequeue(out EventEnvelope? left))
            {
                Keep(left);
            }

            _journal.Dispose();
        }

        _stop.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Task filled;
                lock (_gate)
                {
                    filled = _filled.Task;
                }

                await Task.WhenAny(filled, Task.Delay(_options.Delay, _time, _stop.Token)).ConfigureAwait(false);
                lock (_gate)
                {
                    _filled = NewSignal();
                }

                if (!_stop.IsCancellationRequested)
                {
                    await FlushAsync(_stop.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // A journal on a full disk must not end the loop.
                EventLog.ExportFailed(_logger, _sink.Name, exception);
            }
        }
    }

    /// <summary>Exports one batch: from the journal first, which is older.</summary>
    /// <returns>Whether it is worth going on.</returns>
    private async Task<bool> ExportOneAsync(CancellationToken cancellationToken)
    {
        await _exporting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<EventEnvelope> batch;
            long until = 0;
            bool journalled;
            lock (_gate)
            {
                journalled = !_journal.IsEmpty;
                if (journalled)
                {
                    batch = _journal.Peek(_options.BatchSize, out until);
                }
                else
                {
                    batch = [];
                    while (batch.Count < _options.BatchSize && _queue.TryDequeue(out EventEnvelope? next))
                    {
                        batch.Add(next);
                    }
                }
            }

            if (batch.Count == 0)
            {
                lock (_gate)
                {
                    // Nothing in the journal but what a crash has torn.
                    if (journalled)
                    {
                        _journal.Remove(until);
                    }

                    return journalled && until > 0;
                }
            }

            EventExport export = await CallAsync(batch).ConfigureAwait(false);
            lock (_gate)
            {
                Settle(export, batch, journalled, until);
                return export != EventExport.Failed;
            }
        }
        finally
        {
            _exporting.Release();
        }
    }

    private async Task<EventExport> CallAsync(List<EventEnvelope> batch)
    {
        if (!_call.IsCompleted)
        {
            // The last call has not come back from beyond its time; a sink is called by one thread at a time.
            return EventExport.Failed;
        }

        using var limit = new CancellationTokenSource(_options.ExportTimeout, _time);
        try
        {
            Task<EventExport> call = _sink.ExportAsync(batch, limit.Token).AsTask();
            _call = call;
            return await call.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            EventLog.ExportFailed(_logger, _sink.Name, exception);
            return EventExport.Failed;
        }
    }

    private void Settle(EventExport export, List<EventEnvelope> batch, bool journalled, long until)
    {
        if (export == EventExport.Failed)
        {
            if (!journalled)
            {
                batch.ForEach(Keep);
            }

            if (++_failures >= _options.BreakAfterFailures)
            {
                _open = true;
                _openUntil = _time.GetTimestamp() + (long)(_options.BreakDuration.TotalSeconds * _time.TimestampFrequency);
                _failures = 0;
                EventLog.BreakerOpened(_logger, _sink.Name, _options.BreakDuration);
            }

            return;
        }

        _failures = 0;
        _open = false;
        if (export == EventExport.Dropped)
        {
            Interlocked.Add(ref _dropped, batch.Count);
        }

        if (journalled)
        {
            _journal.Remove(until);
        }
    }

    /// <summary>An event that the queue cannot hold: kept in the journal if it may not be lost, else counted.</summary>
    private void Keep(EventEnvelope envelope)
    {
        if (!envelope.IsPriority)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        Exception? failure = null;
        try
        {
            if (_journal.TryAdd(envelope))
            {
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            failure = exception;
        }

        Interlocked.Increment(ref _lost);
        EventLog.EventLost(_logger, _sink.Name, envelope.Kind, envelope.EventId, failure);
    }
}
