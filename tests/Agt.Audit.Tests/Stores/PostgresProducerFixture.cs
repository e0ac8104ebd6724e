using System.Text;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using Agt.Storage.Postgres;
using Npgsql;

namespace Agt.Audit.Tests.Stores;

/// <summary>A log in PostgreSQL with its key and whoever hands records in to it.</summary>
internal sealed class PostgresProducerFixture : IDisposable
{
    private readonly LogFixture _files = new();
    private readonly PostgresServer _server;

    internal PostgresProducerFixture(PostgresServer server)
    {
        _server = server;
        Schema = server.NewLog();
        File.WriteAllText(KeyFile, _files.Key.ToPrivateText() + "\n");
    }

    internal string Schema { get; }

    private string KeyFile => Path.Combine(_files.Root, "log.key");

    internal static RecordDraft Draft(string action, string more = "") => RecordDraft.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"event","action":"{{action}}","agent_id":"a"{{more}}}"""));

    internal static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    internal PostgresSequencer Sequence(TimeSpan? deadline = null) => PostgresSequencer.Start(_server.Connection(PostgresServer.Writer), options => Configure(options, deadline), Schema);

    internal void Configure(AuditOptions options, TimeSpan? deadline = null)
    {
        options.Directory = _files.LogPath;
        options.Origin = _files.Key.Key.Name;
        options.KeyFile = KeyFile;
        options.CheckpointCopy = Path.Combine(_files.Root, "copy");
        options.CheckpointInterval = TimeSpan.FromMilliseconds(50);
        options.AppendDeadline = deadline ?? TimeSpan.FromSeconds(30);
    }

    internal PostgresAuditProducer Produce(string role = PostgresServer.Producer, TimeSpan? deadline = null) =>
        PostgresAuditProducer.Open(_server.Connection(role), Schema, new AuditOptions { AppendDeadline = deadline ?? TimeSpan.FromSeconds(30) });

    internal object? Ask(string sql) => _server.Ask(sql.Replace("{0}", Schema, StringComparison.Ordinal));

    internal void As(string role, string sql)
    {
        using var connection = new NpgsqlConnection(_server.Connection(role) + ";Pooling=false");
        connection.Open();
        using NpgsqlCommand command = new(sql.Replace("{0}", Schema, StringComparison.Ordinal), connection);
        command.ExecuteNonQuery();
    }

    internal JsonElement[] Records()
    {
        using PostgresAuditStore store = PostgresAuditStore.OpenForReading(_server.Owner, Schema);
        return [.. store.ReadLeaves(0, long.MaxValue).Select(leaf => JsonDocument.Parse(leaf).RootElement)];
    }

    /// <summary>Verifies the log as an auditor does, who has its key alone.</summary>
    internal LogVerification Verify()
    {
        using PostgresAuditStore store = PostgresAuditStore.OpenForReading(_server.Owner, Schema);
        LogVerification result = new LogVerifier(store, TrustPolicy.Of(_files.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.True(result.IsValid, result.Error);
        return result;
    }

    public void Dispose() => _files.Dispose();
}
