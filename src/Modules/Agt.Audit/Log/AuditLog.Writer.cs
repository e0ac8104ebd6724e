using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Stores;

namespace Agt.Audit;

/// <content>The one thread that writes: takes what waits, puts it into words, makes it durable together, says so, and signs.</content>
public sealed partial class AuditLog
{
    private static readonly TimeSpan IdleBeforeSleep = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private void Write()
    {
        Exception? failure = null;
        try
        {
            Loop();
        }
        catch (Exception exception)
        {
            // A defect of this thread: nothing more can be recorded, so nothing more may happen.
            failure = exception;
            Volatile.Write(ref _failure, exception);
            AuditLogMessages.WriterEnded(_logger, exception);
            FailWaiters(exception);
        }

        // Also who came in while the log was being closed is told.
        while (_queue.TryDequeue(out PendingRecord record))
        {
            record.Arena?.Release();
            record.Waiter?.TrySetException(new IOException(failure is null ? "The audit log has been closed." : "The audit log has failed.", failure));
        }

        lock (_publishing)
        {
            // A key that is being replaced is replaced first, or not at all.
            _closed = true;
        }

        foreach (Action close in (Action[])[EndExporting, () => _metrics?.Dispose(), EndWitnessing, () => _vault?.Dispose(), _store.Dispose])
        {
            // Whatever one of them does, the others are closed, and whoever waits for the end is told.
            try
            {
                close();
            }
            catch (Exception exception)
            {
                AuditLogMessages.NotClosed(_logger, exception);
                failure ??= exception;
            }
        }

        if (failure is null)
        {
            _stopped.SetResult();
        }
        else
        {
            _stopped.SetException(failure);
        }
    }

    private void Loop()
    {
        long filledAt = 0;
        long idleSince = _time.GetTimestamp();
        bool stopRecorded = false;
        while (true)
        {
            bool stopping = Volatile.Read(ref _stopping) != 0;
            if (Fill() && filledAt == 0)
            {
                filledAt = _time.GetTimestamp();
            }

            if (_batch.Count > 0)
            {
                bool full = _batch.Count >= _options.BatchSize || _batch.Bytes >= _options.BatchBytes;
                TimeSpan waited = _time.GetElapsedTime(filledAt);
                if (full || _waiters.Count > 0 || stopping || waited >= _options.BatchDelay)
                {
                    Flush();
                    filledAt = 0;
                    idleSince = _time.GetTimestamp();
                    PublishIfDue(stopping);
                    continue;
                }

                _wake.Wait(_options.BatchDelay - waited);
                continue;
            }

            if (stopping && _queue.IsEmpty)
            {
                if (stopRecorded)
                {
                    PublishIfDue(now: true);
                    return;
                }

                stopRecorded = true;
                _queue.Enqueue(Own("log.stopped", "stop"));
                Interlocked.Increment(ref _pending);
                continue;
            }

            PublishIfDue(now: false);
            Rest(idleSince);
        }
    }

    /// <summary>Waits for work: looks every few milliseconds while there was some lately, so that callers need not wake anybody, and sleeps when there was none.</summary>
    private void Rest(long idleSince)
    {
        if (_time.GetElapsedTime(idleSince) < IdleBeforeSleep)
        {
            _wake.Wait(_options.BatchDelay);
            return;
        }

        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
        if (_queue.IsEmpty && Volatile.Read(ref _stopping) == 0)
        {
            TimeSpan next = Checkpoint.Checkpoint.Size == _store.Size ? TimeSpan.FromSeconds(10) : _options.CheckpointInterval;
            _wake.Wait(next);
        }

        Volatile.Write(ref _asleep, 0);
    }

    /// <summary>Takes records out of the queue into the batch.</summary>
    private bool Fill()
    {
        bool any = false;
        while (_batch.Count < _options.BatchSize && _batch.Bytes < _options.BatchBytes && _queue.TryDequeue(out PendingRecord record))
        {
            Interlocked.Decrement(ref _pending);
            if (_batch.Count == 0)
            {
                _batch.Begin(_tree.Size);
            }

            if (record.IsFlush)
            {
                if (_batch.Count == 0)
                {
                    record.Waiter!.TrySetResult(_tree.Size - 1);
                    continue;
                }

                _waiters.Add((record.Waiter!, _batch.FirstIndex + _batch.Count - 1));
                break;
            }

            try
            {
                _writer.Write(in record, _sequence + 1, _batch.FirstIndex + _batch.Count);
                _sequence += record.IsNumbered ? 1 : 0;
                if (_writer.SealingFailure is { } unsealed)
                {
                    AuditLogMessages.NotSealed(_logger, unsealed);
                }

                if (record.Waiter is { } waiter)
                {
                    _waiters.Add((waiter, _batch.FirstIndex + _batch.Count));
                }

                _batch.Add(_writer.Written);
                any = true;
            }
            catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
            {
                AuditLogMessages.RecordRefused(_logger, exception);
                record.Waiter?.TrySetException(new IOException("The record cannot be written: " + exception.Message, exception));
            }
            finally
            {
                record.Arena?.Release();
            }
        }

        return any;
    }

    /// <summary>Makes the batch durable. Tries until it is: what was taken out of the queue is never dropped.</summary>
    private void Flush()
    {
        _batch.Integrate(_tree);
        TimeSpan pause = TimeSpan.FromMilliseconds(50);
        long began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                lock (_storing)
                {
                    _vault?.Write();
                    _store.Append(_batch);
                }

                break;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (Interlocked.Exchange(ref _failure, exception) is null)
                {
                    AuditLogMessages.StoreFailed(_logger, _batch.Count, exception);
                }

                FailWaiters(exception);
                if (Volatile.Read(ref _stopping) != 0 && ((Volatile.Read(ref _givesWay) && exception is AuditStoreException) || _time.GetElapsedTime(began) > _options.AppendDeadline))
                {
                    throw new IOException($"{_batch.Count} records could not be written before the log was closed.", exception);
                }
            }

            Thread.Sleep(pause);
            pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
        }

        if (Interlocked.Exchange(ref _failure, null) is not null)
        {
            AuditLogMessages.StoreWorksAgain(_logger);
        }

        foreach ((TaskCompletionSource<long> task, long index) in _waiters)
        {
            task.TrySetResult(index);
        }

        _waiters.Clear();
        _batch.Begin(_tree.Size);
    }

    private void FailWaiters(Exception exception)
    {
        foreach ((TaskCompletionSource<long> task, _) in _waiters)
        {
            task.TrySetException(new IOException("The record is not durable: " + exception.Message, exception));
        }

        _waiters.Clear();
    }

    private void PublishIfDue(bool now)
    {
        bool grown = Checkpoint.Checkpoint.Size != _store.Size;
        TimeSpan age = _time.GetElapsedTime(Volatile.Read(ref _signedAt));
        if (!now && age < (grown ? _options.CheckpointInterval : _options.RepublishInterval))
        {
            return;
        }

        try
        {
            lock (_publishing)
            {
                if (grown || !now)
                {
                    Sign(_tree.Size, _tree.Root);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            AuditLogMessages.CheckpointFailed(_logger, _store.Size, exception);
        }
    }

    /// <summary>Signs a checkpoint, if it is one of the same log: what was signed before is a part of it. Durable in the store and outside of it before anybody sees it.</summary>
    private SignedCheckpoint Sign(long size, LogHash root, bool always = false)
    {
        Checkpoint before = _checkpoint.Checkpoint;
        bool grew = before.Size == 0 ? size >= 0 : size == before.Size ? root == before.Root : size > before.Size && Proof.VerifyConsistency(before.Size, size, before.Root, root, _tiles.Consistency(before.Size, size));
        if (!grew)
        {
            throw new InvalidOperationException($"Equivocation refused: the log of {size} records is not that of {before.Size} records, which was signed, grown.");
        }

        var next = new Checkpoint(Origin, size, root);
        string text = next.ToString();
        var note = new SignedNote(text, SignaturesOf(text, always));
        byte[] bytes = note.ToUtf8();
        lock (_storing)
        {
            _vault?.Flush();
        }

        _store.WriteCheckpoint(bytes);
        _copy?.Write(bytes);
        var signed = new SignedCheckpoint(next, note);
        Volatile.Write(ref _checkpoint, signed);
        Volatile.Write(ref _signedAt, _time.GetTimestamp());
        TellWitnesses();
        return signed;
    }
}
