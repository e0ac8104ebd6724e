using System.Collections.Frozen;
using Agt.Audit;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Agt.Storage.Postgres;

/// <summary>
/// Moves records from the queue into a log. The batch of the log that has a record takes its row off the queue, in one transaction: wherever either of them ends, a record is on the queue or in the log, and never in
/// both. For one caller at a time.
/// </summary>
internal sealed class PostgresQueue(string connectionString, string schema, PostgresAuditStore store, AuditLog log, int batchSize, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaxReason = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestLocked = TimeSpan.FromSeconds(1);
    private readonly PostgresNotices _notices = new(connectionString, PostgresQueueSchema.Pending(schema));
    private long? _lockedSince;

    /// <summary>Makes sure that the log can be written here, or may be again in a moment.</summary>
    /// <exception cref="IOException">Somebody else has gone on with it, or holds its lock for longer than a moment, or it has failed for good.</exception>
    internal void RequireLead()
    {
        Exception? failure = log.Failure;
        if (failure is not AuditStoreException)
        {
            _lockedSince = null;
        }

        if (failure is null)
        {
            return;
        }

        if (failure is AuditStoreException)
        {
            _lockedSince ??= time.GetTimestamp();
        }

        if (store.IsOvertaken || failure is not IOException || (_lockedSince is { } since && time.GetElapsedTime(since) > LongestLocked))
        {
            throw new IOException("The log cannot be written here any more: " + failure.Message, failure);
        }
    }

    /// <summary>Keeps the numbers of the log itself from producers.</summary>
    internal async ValueTask OwnAsync(CancellationToken cancellationToken) =>
        await RunAsync($"SELECT {schema}.own_emitter($1)", cancellationToken, new NpgsqlParameter<string> { TypedValue = log.Emitter }).ConfigureAwait(false);

    /// <summary>Moves what is there, a batch at most; waits for it if there is nothing.</summary>
    /// <param name="most">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The queue cannot be read now.</exception>
    /// <exception cref="IOException">The log is written by somebody else now, or cannot be written any more.</exception>
    internal async ValueTask MoveAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        RequireLead();
        NpgsqlConnection connection = await _notices.SessionAsync(cancellationToken).ConfigureAwait(false);
        _notices.Begin();
        List<QueuedRecord> rows = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (rows.Count == 0)
        {
            await _notices.WaitAsync(most, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (rows.Exists(static row => row.IsTaken))
        {
            // Handed in again after the answer was lost.
            await RunAsync($"SELECT {schema}.forget_taken()", cancellationToken).ConfigureAwait(false);
            rows.RemoveAll(static row => row.IsTaken);
        }

        var refused = new List<(Guid Key, string Reason)>();
        List<(QueuedRecord Row, RecordDraft Draft)> good = await CheckAsync(rows, refused, cancellationToken).ConfigureAwait(false);
        if (good.Count > 0)
        {
            await AppendAsync(good, refused, cancellationToken).ConfigureAwait(false);
        }

        if (refused.Count > 0)
        {
            PostgresMessages.Refused(logger, refused.Count, schema);
            await RunAsync(
                $"SELECT {schema}.refuse_pending($1, $2)", cancellationToken,
                new NpgsqlParameter<Guid[]> { TypedValue = [.. refused.Select(static row => row.Key)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new NpgsqlParameter<string[]> { TypedValue = [.. refused.Select(static row => row.Reason)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _notices.DisposeAsync();

    /// <summary>Which rows are records that may be taken: each with a number that its emitter has not used, from the role that the emitter belongs to.</summary>
    private async ValueTask<List<(QueuedRecord Row, RecordDraft Draft)>> CheckAsync(List<QueuedRecord> rows, List<(Guid Key, string Reason)> refused, CancellationToken cancellationToken)
    {
        var drafts = new List<(QueuedRecord Row, RecordDraft Draft)>(rows.Count);
        foreach (QueuedRecord row in rows)
        {
            try
            {
                var draft = RecordDraft.Parse(row.Record);

                // The database keeps no text with a NUL in it.
                drafts.Add(draft.Emitter is not { } emitter || emitter.Any(char.IsControl)
                    ? throw new InvalidRecordException("emitter_id", "The member 'emitter_id' is missing, or has control characters in it: a producer numbers its records, under a name that can be printed.")
                    : (row, draft));
            }
            catch (Exception exception)
            {
                // Whatever is wrong with a row, it holds nobody up.
                refused.Add((row.Key, exception is InvalidRecordException ? Printable(exception.Message) : "The record cannot be read."));
            }
        }

        Dictionary<string, (string Role, long Last)> emitters = await EmittersAsync([.. drafts.Select(static one => one.Draft.Emitter!).Distinct(StringComparer.Ordinal)], cancellationToken).ConfigureAwait(false);
        var good = new List<(QueuedRecord Row, RecordDraft Draft)>(drafts.Count);
        foreach ((QueuedRecord row, RecordDraft draft) in drafts)
        {
            (string role, long used) = emitters.GetValueOrDefault(draft.Emitter!, (row.Role, 0));
            if (role != row.Role || draft.EmitterSequence <= used)
            {
                refused.Add((row.Key, role != row.Role ? "The member 'emitter_id' is that of somebody else." : $"The member 'emitter_seq' is not greater than {used}, which this emitter has used."));
                continue;
            }

            emitters[draft.Emitter!] = (role, draft.EmitterSequence);
            good.Add((row, draft));
        }

        return good;
    }

    /// <summary>A reason as the database can keep it: it may quote what was handed in.</summary>
    private static string Printable(string reason) => string.Concat(reason.Take(MaxReason).Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private async ValueTask<Dictionary<string, (string Role, long Last)>> EmittersAsync(string[] emitters, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, (string Role, long Last)>(StringComparer.Ordinal);
        NpgsqlCommand command = new($"SELECT id, role::text, last FROM {schema}.emitters WHERE id = ANY($1)", await _notices.SessionAsync(cancellationToken).ConfigureAwait(false));
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = emitters, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    known[reader.GetString(0)] = (reader.GetString(1), reader.GetInt64(2));
                }
            }
        }

        return known;
    }

    private async ValueTask AppendAsync(List<(QueuedRecord Row, RecordDraft Draft)> good, List<(Guid Key, string Reason)> refused, CancellationToken cancellationToken)
    {
        store.Expected = good.ToFrozenDictionary(static one => (one.Draft.Emitter!, one.Draft.EmitterSequence), static one => one.Row.Key);
        Task<long>[] appends = [.. good.Select(one => log.AppendAsync(one.Draft, CancellationToken.None).AsTask())];
        Task all = Task.WhenAll(appends);
        while (await Task.WhenAny(all, Task.Delay(LookEvery, time, cancellationToken)).ConfigureAwait(false) != all)
        {
            // Told to stop, or overtaken: what the log has not written is on the queue still.
            cancellationToken.ThrowIfCancellationRequested();
            RequireLead();
        }

        bool failed = false;
        for (int i = 0; i < appends.Length; i++)
        {
            try
            {
                await appends[i].ConfigureAwait(false);
            }
            catch (IOException exception) when (exception.InnerException is InvalidDataException or ArgumentException)
            {
                refused.Add((good[i].Row.Key, Printable(exception.Message)));
            }
            catch (IOException)
            {
                failed = true;
            }
        }

        while (failed)
        {
            // What the log has taken over it writes as soon as it can. Before that is known, nothing is read again: it would be handed over twice.
            RequireLead();
            try
            {
                await log.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                failed = false;
            }
            catch (IOException)
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<List<QueuedRecord>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new(
            $"""
            SELECT p.key, p.role::text, p.record, t.key IS NOT NULL FROM {schema}.pending p LEFT JOIN {schema}.taken t ON t.key = p.key ORDER BY p.id LIMIT {batchSize}
            """,
            connection);
        var rows = new List<QueuedRecord>();
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    rows.Add(new QueuedRecord(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetBoolean(3)));
                }
            }
        }

        return rows;
    }

    private async ValueTask RunAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        NpgsqlCommand command = new(sql, await _notices.SessionAsync(cancellationToken).ConfigureAwait(false));
        await using (command.ConfigureAwait(false))
        {
            foreach (NpgsqlParameter parameter in parameters)
            {
                command.Parameters.Add(parameter);
            }

            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
