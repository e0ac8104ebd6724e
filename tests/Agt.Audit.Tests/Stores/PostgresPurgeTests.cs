using Agt.Audit.Notes;
using Agt.Audit.Retention;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using Agt.Storage.Postgres;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Agt.Audit.Tests.Stores;

[Collection(PostgresServer.Turns)]
public sealed class PostgresPurgeTests(PostgresServer server)
{
    private readonly string _schema = server.NewLog();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    [Requirement("AUD-609", "AUD-413", Partial = "producers and the sequencer are proven by their own classes")]
    public async Task The_host_records_a_purge_that_only_the_owner_can_carry_out()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = Open(fixture, owner: null))
        {
            await FillAsync(log);
            Assert.Contains("PostgresAuditStore.Purge", (await Assert.ThrowsAsync<NotSupportedException>(() => log.PurgeAsync("dpo").AsTask())).Message, StringComparison.Ordinal);
            Assert.Equal(0, log.First);
        }

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.Throws<PostgresException>(() => AsWriter($"SELECT {_schema}.purge(256)")).SqlState);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.Throws<PostgresException>(() => AsWriter($"UPDATE {_schema}.start SET first = 256")).SqlState);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.Throws<PostgresException>(() => AsWriter($"DELETE FROM {_schema}.entries WHERE idx < 256")).SqlState);
        PostgresAuditStore.Purge(server.Owner, 512, _schema);
        Verify(fixture, 512);
    }

    [Fact]
    [Requirement("AUD-609")]
    public async Task A_host_that_was_given_the_owners_connection_purges_by_itself()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = Open(fixture, server.Owner))
        {
            await FillAsync(log);
            Assert.Equal(512, (await log.PurgeAsync("dpo")).First);
        }

        Verify(fixture, 512);
    }

    [Fact]
    [Requirement("AUD-609", "AUD-610")]
    public async Task Nothing_is_dropped_of_which_no_record_says_that_it_was_purged()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = Open(fixture, owner: null))
        {
            await FillAsync(log);
            await Assert.ThrowsAsync<NotSupportedException>(() => log.PurgeAsync("dpo").AsTask());
            await Task.WhenAll(Enumerable.Range(0, 600).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
        }

        Assert.Throws<InvalidOperationException>(() => PostgresAuditStore.Purge(server.Owner, 768, _schema));
        Assert.Throws<ArgumentException>(() => PostgresAuditStore.Purge(server.Owner, 100, _schema));
        Assert.Throws<ArgumentException>(() => PostgresAuditStore.Purge(server.Owner, 102_400, _schema));
        using PostgresAuditStore store = PostgresAuditStore.OpenForReading(server.Owner, _schema);
        Assert.Equal(0, store.First);
        Assert.Equal(store.Size, store.ReadLeaves(0, long.MaxValue).Count());
    }

    private async Task FillAsync(AuditLog log)
    {
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
        log.Publish();
        _time.Advance(TimeSpan.FromDays(400));
    }

    private AuditLog Open(LogFixture fixture, string? owner)
    {
        fixture.Options.MaxCheckpointAge = TimeSpan.FromDays(1);
        fixture.Options.AppendDeadline = TimeSpan.FromMinutes(1);
        return AuditLog.Open(PostgresAuditStore.Open(server.Connection(PostgresServer.Writer), _schema, owner), fixture.Key, fixture.Options, _time);
    }

    private void Verify(LogFixture fixture, long first)
    {
        using PostgresAuditStore store = PostgresAuditStore.OpenForReading(server.Connection(PostgresServer.Writer), _schema);
        Assert.Equal(first, store.First);
        LogVerification result = new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.True(result.IsValid, result.Error);
        Assert.Contains(result.Findings, finding => finding.Kind == "purged");
        Assert.Equal(PurgePlanner.Plan(store, new RetentionOptions(), _time.GetUtcNow(), cancellationToken: TestContext.Current.CancellationToken).From, first);
    }

    private void AsWriter(string sql)
    {
        using var connection = new NpgsqlConnection(server.Connection(PostgresServer.Writer) + ";Pooling=false");
        connection.Open();
        using NpgsqlCommand command = new(sql, connection);
        command.ExecuteNonQuery();
    }
}
