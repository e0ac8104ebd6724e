using Agt.Audit.Queries;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Agt.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Agt.Audit.Tests.Stores;

[Requirement("AUD-401", Partial = "the other stores are proven by their own classes")]
[Collection(PostgresServer.Turns)]
public sealed class PostgresAuditStoreTests : AuditIndexSuite
{
    private readonly PostgresServer _server;
    private readonly string _schema;

    public PostgresAuditStoreTests(PostgresServer server)
    {
        _server = server;
        _schema = server.NewLog();
    }

    protected override IAuditStore Open() => PostgresAuditStore.Open(_server.Connection(PostgresServer.Writer), _schema, _server.Owner);

    protected override IAuditStore OpenForReading() => PostgresAuditStore.OpenForReading(_server.Connection(PostgresServer.Writer), _schema);

    /// <summary>The server ends the sessions of the writer whenever it adds to the log.</summary>
    protected override IDisposable Break(IAuditStore store)
    {
        _server.Ask($"""
            CREATE FUNCTION {_schema}.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE TRIGGER die AFTER INSERT ON {_schema}.hashes FOR EACH STATEMENT EXECUTE FUNCTION {_schema}.die();
            """);
        return new Mended(() => _server.Ask($"DROP FUNCTION {_schema}.die() CASCADE"));
    }

    [Theory]
    [Requirement("AUD-413", Partial = "producers and the sequencer are proven by their own classes")]
    [InlineData("UPDATE {0}.entries SET leaf = ''")]
    [InlineData("DELETE FROM {0}.entries")]
    [InlineData("TRUNCATE {0}.entries")]
    [InlineData("UPDATE {0}.hashes SET hash = hash")]
    [InlineData("DELETE FROM {0}.hashes")]
    public void Nobody_changes_what_was_recorded_the_writer_by_its_privileges_and_the_owner_by_triggers(string sql)
    {
        using (IAuditStore store = Open())
        {
            new Batches().Fill(store, 10);
        }

        string statement = sql.Replace("{0}", _schema, StringComparison.Ordinal);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.Throws<PostgresException>(() => AsWriter(statement)).SqlState);
        Assert.Contains("not changed and not deleted", Assert.Throws<PostgresException>(() => _server.Ask(statement)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [Requirement("AUD-205", "AUD-308")]
    [InlineData("INSERT INTO {0}.entries VALUES(11, '')", "no gap")]
    [InlineData("INSERT INTO {0}.entries VALUES(10, ''), (12, '')", "no gap")]
    [InlineData("INSERT INTO {0}.entries VALUES(3, '')", "duplicate key")]
    [InlineData("SELECT {0}.put_checkpoint(9, sha256('x'), 'x')", "does not go back")]
    [InlineData("SELECT {0}.put_checkpoint(10, sha256('x'), 'x')", "one root")]
    [InlineData("INSERT INTO {0}.checkpoint VALUES(0, 1, '', '')", "permission denied")]
    public void The_database_refuses_gaps_and_a_second_root_for_a_size(string sql, string why)
    {
        using (IAuditStore store = Open())
        {
            var batches = new Batches();
            batches.Fill(store, 10);
            store.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        }

        Assert.Contains(why, Assert.Throws<PostgresException>(() => AsWriter(sql.Replace("{0}", _schema, StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-412", "AUD-413", Partial = "producers and the sequencer are proven by their own classes")]
    public void When_the_session_of_a_writer_ends_another_goes_on_without_a_gap_and_the_first_cannot_write_again()
    {
        using IAuditStore first = Open();
        var batches = new Batches();
        batches.Fill(first, 300);
        first.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        var stale = new Batches(new TileTree(first).Frontier(300));
        Kill();
        using (IAuditStore second = Open())
        {
            Assert.Equal(300, second.Size);
            batches.Fill(second, 310);
            AuditBatch late = stale.Next("a record of the first"u8.ToArray());
            Assert.ThrowsAny<IOException>(() => first.Append(late));
            Assert.Equal(AuditStoreProblem.Locked, Assert.Throws<AuditStoreException>(() => first.Append(late)).Problem);
            second.WriteCheckpoint(Checkpoint(Key, batches.Tree));
            Assert.ThrowsAny<IOException>(() => first.WriteCheckpoint(Checkpoint(Key, stale.Tree)));
        }

        // The second one has gone: the lock is free, and the first still must not go on.
        AuditBatch later = new Batches(new TileTree(first).Frontier(300)).Next("another record of the first"u8.ToArray());
        Assert.Equal(AuditStoreProblem.Locked, Assert.Throws<AuditStoreException>(() => first.Append(later)).Problem);
        using IAuditStore third = Open();
        Assert.Equal(310, third.Size);
        Assert.Equal(batches.Tree.Root, new TileTree(third).Root(310));
    }

    [Fact]
    [Requirement("AUD-413", "AUD-409", Partial = "producers and the sequencer are proven by their own classes")]
    public void A_writer_whose_session_ended_goes_on_where_nobody_else_has_also_if_its_batch_was_committed_after_all()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 10);
        Kill();
        AuditBatch batch = batches.Next(5);
        Assert.ThrowsAny<IOException>(() => store.Append(batch));
        store.Append(batch);
        Assert.Equal(15, store.Size);

        // The answer to a commit was lost: the batch is there, and its writer does not know.
        AuditBatch lost = batches.Next(5);
        Kill();
        Assert.ThrowsAny<IOException>(() => store.Append(lost));
        using (IAuditStore other = Open())
        {
            other.Append(lost);
        }

        store.Append(lost);
        Assert.Equal(20, store.Size);
        batches.Fill(store, 30);
        Assert.Equal(30, store.ReadLeaves(0, long.MaxValue).Count());
        Assert.Equal(batches.Tree.Root, new TileTree(store).Root(30));
    }

    [Fact]
    [Requirement("AUD-413", Partial = "producers and the sequencer are proven by their own classes")]
    public void A_role_that_could_change_records_does_not_write_the_log()
    {
        Assert.Equal(AuditStoreProblem.Privileges, Assert.Throws<AuditStoreException>(() => PostgresAuditStore.Open(_server.Owner, _schema)).Problem);
        _server.Ask($"GRANT UPDATE ON {_schema}.entries TO {PostgresServer.Writer}");
        Assert.Equal(AuditStoreProblem.Privileges, Assert.Throws<AuditStoreException>(Open).Problem);
    }

    [Fact]
    public void A_schema_without_a_log_or_with_a_newer_one_is_refused()
    {
        Assert.Equal(AuditStoreProblem.Version, Assert.Throws<AuditStoreException>(() => PostgresAuditStore.Open(_server.Connection(PostgresServer.Writer), "nothing_here")).Problem);
        _server.Ask($"INSERT INTO {_schema}.version VALUES(2)");
        Assert.Equal(AuditStoreProblem.Version, Assert.Throws<AuditStoreException>(Open).Problem);
        Assert.Equal(AuditStoreProblem.Version, Assert.Throws<AuditStoreException>(OpenForReading).Problem);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Timeout=2")]
    [InlineData("Host=127.0.0.1;Passwort=hunter2")]
    [InlineData("hunter2")]
    public void What_a_connection_was_made_with_is_in_no_message(string connection)
    {
        Exception refused = Assert.ThrowsAny<Exception>(() => PostgresAuditStore.Open(connection, _schema));
        Assert.True(refused is IOException or ArgumentException);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a; DROP SCHEMA x")]
    [InlineData("\"quoted\"")]
    [InlineData("")]
    [InlineData("Upper")]
    public void A_name_that_would_have_to_be_quoted_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => PostgresAuditStore.Open(_server.Owner, name));
        Assert.Throws<ArgumentException>(() => PostgresAuditStore.Install(_server.Owner, name, "fine"));
        Assert.Throws<ArgumentException>(() => PostgresAuditStore.Install(_server.Owner, "fine", name));
    }

    [Fact]
    [Requirement("AUD-401", "AUD-407", Partial = "the death of the process; here the server dies")]
    public async Task What_a_host_was_told_is_durable_survives_the_death_of_the_server_and_its_host_goes_on()
    {
        using var fixture = new Tests.Log.LogFixture();
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false)
            .AddAudit(options => (options.Directory, options.AppendDeadline) = (fixture.LogPath, TimeSpan.FromMinutes(1)))
            .UsePostgresAuditStore(_server.Connection(PostgresServer.Writer), _schema);
        await using ServiceProvider provider = services.BuildServiceProvider();
        AuditLog log = provider.GetRequiredService<AuditLog>();
        long[] told = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => log.AppendAsync(Tests.Log.LogFixture.Event(i)).AsTask()));
        _server.Crash();

        // Who waited when it died may have been told that it failed; the log works again by itself.
        long next = -1;
        while (next < 0)
        {
            try
            {
                next = await log.AppendAsync(Tests.Log.LogFixture.Event(50), TestContext.Current.CancellationToken);
            }
            catch (IOException)
            {
                await Task.Yield();
            }
        }

        Assert.All(told.Index(), item => Assert.Equal("act-" + item.Index, System.Text.Json.JsonDocument.Parse(log.Read(item.Item, 1).Single()).RootElement.GetProperty("action").GetString()));
        Assert.Contains(next, log.Index!.Query(new AuditQuery { Action = "act-50" }).Entries.Select(entry => entry.Index));
        Assert.Equal(log.Size, log.Read(0, long.MaxValue).Count());
    }

    private void AsWriter(string sql)
    {
        using var connection = new NpgsqlConnection(_server.Connection(PostgresServer.Writer) + ";Pooling=false");
        connection.Open();
        using NpgsqlCommand command = new(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Ends the session that holds the lock of the log, and waits until it is gone.</summary>
    private void Kill() => Assert.Equal(true, _server.Ask(
        $"SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = {PostgresSchema.LockKey(_schema)}"));
}
