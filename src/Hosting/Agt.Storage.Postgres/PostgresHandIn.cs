using System.Data;
using Agt.Audit.Stores;
using Npgsql;
using NpgsqlTypes;

namespace Agt.Storage.Postgres;

/// <summary>Puts records on the queue of a log, by a session of its own that is opened again when it broke. For one caller at a time.</summary>
/// <remarks>A row has a random key: whoever hands it in again because the answer was lost hands in the same row.</remarks>
internal sealed class PostgresHandIn(string connectionString, string schema) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Opens the session.</summary>
    /// <exception cref="AuditStoreException">There is no log that this version can write to, or the role may do more than hand records in.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    internal void Open()
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            connection.Open();
            PostgresReader.RequireVersion(connection, schema);
            using NpgsqlCommand privileges = new(PostgresQueueSchema.ProducerPrivileges(schema), connection);
            if (privileges.ExecuteScalar() is not false)
            {
                throw new AuditStoreException(
                    AuditStoreProblem.Privileges, $"The database role of this producer may do more with the audit log '{schema}' than hand records in. Let it log in as a role of its own that PostgresAuditProducer.Allow was called for.");
            }

            using NpgsqlCommand durable = new("SELECT set_config('synchronous_commit', 'on', false)", connection);
            durable.ExecuteNonQuery();
            _connection = connection;
        }
        catch (NpgsqlException exception)
        {
            connection.Dispose();
            throw PostgresFailure.Of(exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Hands records in, in their order; when it returns they survive the death of the server.</summary>
    /// <exception cref="IOException">The server refused, or cannot be reached: they may be there or not, and may be handed in again.</exception>
    internal async ValueTask InsertAsync(Guid[] keys, byte[][] records, CancellationToken cancellationToken)
    {
        if (_connection is not { State: ConnectionState.Open })
        {
            await DisposeAsync().ConfigureAwait(false);
            Open();
        }

        try
        {
            NpgsqlCommand command = new($"INSERT INTO {schema}.pending(key, record) SELECT key, record FROM unnest($1, $2) WITH ORDINALITY AS n(key, record, place) ORDER BY place ON CONFLICT DO NOTHING", _connection);
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
                command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = records, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
