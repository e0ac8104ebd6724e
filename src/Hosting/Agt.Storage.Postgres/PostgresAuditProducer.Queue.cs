using Agt.Audit.Records;
using Npgsql;
using NpgsqlTypes;

namespace Agt.Storage.Postgres;

/// <content>Two loops: one puts what waits into words and on the queue, many together; the other asks what became of what somebody waits for.</content>
public sealed partial class PostgresAuditProducer
{
    private const int AskedAtOnce = 4_096;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);

    private async Task HandInAsync()
    {
        // The constructor goes on.
        await Task.Yield();
        var keys = new List<Guid>();
        var records = new List<byte[]>();
        try
        {
            while (true)
            {
                bool stopping = Volatile.Read(ref _stopping) != 0;
                Fill(keys, records);
                if (keys.Count > 0)
                {
                    await InsertAsync(keys, records).ConfigureAwait(false);
                    Interlocked.Add(ref _pending, -keys.Count);
                    keys.Clear();
                    records.Clear();
                }
                else if (stopping && _queue.IsEmpty)
                {
                    return;
                }
                else
                {
                    await _wake.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception)
        {
            // Nothing more can be handed in, so nothing more may happen.
            Volatile.Write(ref _failure, exception);
            PostgresMessages.ProducerEnded(_logger, exception);
            Fail(_waiting.Keys, new IOException("The producer has failed.", exception));
            while (_queue.TryDequeue(out PendingRecord record))
            {
                record.Arena?.Release();
                record.Waiter?.TrySetException(new IOException("The producer has failed.", exception));
            }

            throw;
        }
    }

    /// <summary>Takes records out of the queue and puts them into words.</summary>
    private void Fill(List<Guid> keys, List<byte[]> records)
    {
        int bytes = 0;
        while (keys.Count < _options.BatchSize && bytes < _options.BatchBytes && _queue.TryDequeue(out PendingRecord record))
        {
            try
            {
                _writer.Write(in record, _sequence + 1, index: 0);
                byte[] words = _writer.Written.ToArray();
                _sequence += record.IsNumbered ? 1 : 0;
                var key = Guid.NewGuid();
                if (record.Waiter is { } waiter)
                {
                    _waiting[key] = waiter;
                }

                keys.Add(key);
                records.Add(words);
                bytes += words.Length;
            }
            catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
            {
                Interlocked.Decrement(ref _pending);
                PostgresMessages.RecordRefused(_logger, exception);
                record.Waiter?.TrySetException(new InvalidRecordException("The record cannot be written: " + exception.Message, exception));
            }
            finally
            {
                record.Arena?.Release();
            }
        }
    }

    /// <summary>Puts records on the queue of the log. Tries until they are there: what was taken over is never dropped.</summary>
    private async ValueTask InsertAsync(List<Guid> keys, List<byte[]> records)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(20);
        long began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await _handIn.InsertAsync([.. keys], [.. records], CancellationToken.None).ConfigureAwait(false);
                break;
            }
            catch (IOException exception)
            {
                if (Interlocked.Exchange(ref _failure, exception) is null)
                {
                    PostgresMessages.NotHandedIn(_logger, keys.Count, exception);
                }

                Fail(keys, new IOException("The record could not be handed in: " + exception.Message, exception));
                if (Volatile.Read(ref _stopping) != 0 && _time.GetElapsedTime(began) > _options.AppendDeadline)
                {
                    throw new IOException($"{Pending} records could not be handed in before the producer was closed.", exception);
                }
            }

            await Task.Delay(pause, _time).ConfigureAwait(false);
            pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
        }

        if (Interlocked.Exchange(ref _failure, null) is not null)
        {
            PostgresMessages.HandedInAgain(_logger);
        }
    }

    private void Fail(IEnumerable<Guid> keys, Exception exception)
    {
        foreach (Guid key in keys)
        {
            if (_waiting.TryRemove(key, out TaskCompletionSource<long>? waiter))
            {
                waiter.TrySetException(exception);
            }
        }
    }

    private async Task AskAsync()
    {
        await Task.Yield();
        bool told = false;
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                NpgsqlConnection connection = await _notices.SessionAsync(_ended.Token).ConfigureAwait(false);
                _notices.Begin();
                await SettleAsync(connection).ConfigureAwait(false);
                told = false;
                await _notices.WaitAsync(LookEvery, _ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
            {
                // Who waits has a deadline; the session is opened again.
                if (!told)
                {
                    PostgresMessages.CannotAsk(_logger, exception);
                    told = true;
                }

                await _notices.DisposeAsync().ConfigureAwait(false);
                await Task.Delay(LookEvery, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Asks what became of the records that somebody waits for, and tells them.</summary>
    private async ValueTask SettleAsync(NpgsqlConnection connection)
    {
        foreach (Guid[] keys in _waiting.Where(IsAwaited).Select(static waiting => waiting.Key).Chunk(AskedAtOnce))
        {
            NpgsqlCommand command = new($"SELECT key, idx, reason FROM {_schema}.settled($1)", connection);
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
                NpgsqlDataReader reader = await command.ExecuteReaderAsync(_ended.Token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(_ended.Token).ConfigureAwait(false))
                    {
                        Tell(reader);
                    }
                }
            }
        }
    }

    private bool IsAwaited(KeyValuePair<Guid, TaskCompletionSource<long>> waiting)
    {
        if (!waiting.Value.Task.IsCompleted)
        {
            return true;
        }

        _waiting.TryRemove(waiting.Key, out _);
        return false;
    }

    private void Tell(NpgsqlDataReader settled)
    {
        if (_waiting.TryRemove(settled.GetGuid(0), out TaskCompletionSource<long>? waiter))
        {
            if (settled.IsDBNull(1))
            {
                waiter.TrySetException(new InvalidRecordException("The log refused the record: " + settled.GetString(2)));
            }
            else
            {
                waiter.TrySetResult(settled.GetInt64(1));
            }
        }
    }
}
