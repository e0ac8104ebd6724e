using Agt.Audit.Stores;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>The one session that writes a log. It holds the lock, and writes by itself: with the session both are gone, so that a writer who has lost the lock cannot write.</summary>
internal sealed class PostgresSession : IDisposable
{
    private PostgresSession(NpgsqlConnection connection) => Connection = connection;

    internal NpgsqlConnection Connection { get; }

    /// <summary>Opens a session and takes the lock.</summary>
    /// <exception cref="AuditStoreException">Another writer has it; there is no log that this version can write; or the role could change what was recorded.</exception>
    internal static PostgresSession Open(string connectionString, string schema)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            connection.Open();
            PostgresReader.RequireVersion(connection, schema);
            if (Ask(connection, PostgresSchema.Privileges(schema)) is not false)
            {
                throw new AuditStoreException(
                    AuditStoreProblem.Privileges, $"The database role of the audit log '{schema}' may change or delete records, or owns them. Let it log in as the role that the log was installed for, which can only add.");
            }

            using (NpgsqlCommand take = new("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = PostgresSchema.LockKey(schema) } } })
            {
                if (take.ExecuteScalar() is not true)
                {
                    throw new AuditStoreException(AuditStoreProblem.Locked, $"Another process writes the audit log '{schema}'. A log has one writer: give this one a schema of its own, or stop the other.");
                }
            }

            // Whatever the server's default is: a commit that returns is on disk.
            Ask(connection, "SELECT set_config('synchronous_commit', 'on', false)");

            // A writer whose machine is gone gives the lock up within half a minute, not after the two hours of the system.
            Ask(connection, "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)");
            return new PostgresSession(connection);
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

    /// <summary>Gives the lock up and closes the session. The server ends a session some time after its client has gone: the next writer need not wait for that.</summary>
    public void Dispose()
    {
        try
        {
            if (Connection.State == System.Data.ConnectionState.Open)
            {
                Ask(Connection, "SELECT pg_advisory_unlock_all()");
            }
        }
        catch (NpgsqlException)
        {
            // The session is gone, and the lock with it.
        }
        finally
        {
            Connection.Dispose();
        }
    }

    private static object? Ask(NpgsqlConnection connection, string sql)
    {
        using NpgsqlCommand command = new(sql, connection);
        return command.ExecuteScalar();
    }
}
