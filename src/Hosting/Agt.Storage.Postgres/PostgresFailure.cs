using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>Says what the server says, without what the connection was made with.</summary>
internal static class PostgresFailure
{
    internal static IOException Of(NpgsqlException exception) => exception is PostgresException refused
        ? new IOException($"The database of the audit log refused: {refused.MessageText} ({refused.SqlState}).", exception)
        : new IOException("The database server of the audit log cannot be reached, or the connection to it broke.", exception);
}
