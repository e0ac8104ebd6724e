using System.Data;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>Listens on a channel, and looks every now and then all the same: a notice is a hint, which may be lost, and which anybody may send. For one caller at a time.</summary>
internal sealed class PostgresNotices(string connectionString, string channel) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private bool _noted;

    /// <summary>The session, listening; opened again if it broke.</summary>
    internal async ValueTask<NpgsqlConnection> SessionAsync(CancellationToken cancellationToken)
    {
        if (_connection is { State: ConnectionState.Open } open)
        {
            return open;
        }

        await DisposeAsync().ConfigureAwait(false);
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            connection.Notification += (_, _) => Volatile.Write(ref _noted, true);
            NpgsqlCommand listen = new("LISTEN " + channel, connection);
            await using (listen.ConfigureAwait(false))
            {
                await listen.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return _connection = connection;
    }

    /// <summary>Forgets the notices so far: called before one looks.</summary>
    internal void Begin() => Volatile.Write(ref _noted, false);

    /// <summary>Waits for a notice that came after <see cref="Begin"/>, or until it is time to look.</summary>
    internal async ValueTask WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _noted) && _connection is { } connection)
        {
            await connection.WaitAsync(most, cancellationToken).ConfigureAwait(false);
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
