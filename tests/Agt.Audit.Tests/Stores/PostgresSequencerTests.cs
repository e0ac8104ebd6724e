using System.Collections.Concurrent;
using System.Text.Json;
using Agt.Audit.Verification;
using Agt.Storage.Postgres;

namespace Agt.Audit.Tests.Stores;

[Collection(PostgresServer.Turns)]
public sealed class PostgresSequencerTests(PostgresServer server)
{
    [Theory]
    [Requirement("AUD-413", "AUD-407", Partial = "the death of the process; here sessions of the server die")]
    [InlineData("AFTER INSERT ON {0}.entries")]
    [InlineData("AFTER INSERT ON {0}.hashes")]
    [InlineData("AFTER INSERT ON {0}.emitters")]
    [InlineData("AFTER INSERT ON {0}.taken")]
    [InlineData("AFTER DELETE ON {0}.pending")]
    [InlineData("BEFORE INSERT ON {0}.pending")]
    [InlineData("AFTER INSERT ON {0}.pending")]
    [InlineData("AFTER INSERT ON {0}.refused")]
    [InlineData("AFTER UPDATE ON {0}.checkpoint")]
    [InlineData("AFTER INSERT ON {0}.taken DEFERRABLE INITIALLY DEFERRED")]
    public async Task Wherever_a_session_ends_each_record_is_in_the_log_once_and_in_order(string point)
    {
        using var fixture = new PostgresProducerFixture(server);
        bool deferred = point.Contains("DEFERRABLE", StringComparison.Ordinal);
        fixture.Ask("CREATE TABLE {0}.signed AS SELECT size, root FROM {0}.checkpoint; CREATE SEQUENCE {0}.kills");
        fixture.Ask($$"""
            CREATE FUNCTION {0}.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN IF session_user <> 'postgres' AND nextval('{0}.kills') % 7 IN (2, 3) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;
            CREATE {{(deferred ? "CONSTRAINT " : "")}}TRIGGER die {{point}} {{(deferred ? "FOR EACH ROW" : "FOR EACH STATEMENT")}} EXECUTE FUNCTION {0}.die();
            """);
        KeepCheckpoints(fixture);
        await using PostgresSequencer one = fixture.Sequence();
        await using PostgresSequencer other = fixture.Sequence();
        await using PostgresAuditProducer producer = fixture.Produce();
        var told = new Dictionary<string, long>();
        for (int i = 0; i < 40; i++)
        {
            if (i % 10 == 5)
            {
                fixture.Ask("INSERT INTO {0}.pending(key, record) VALUES(gen_random_uuid(), 'no record')");
            }

            string action = "act-" + i;
            await TryAsync(async () => told[action] = await producer.AppendAsync(PostgresProducerFixture.Draft(action)));
        }

        await LastAsync(producer);
        Assert.True((long)fixture.Ask("SELECT last_value FROM {0}.kills")! >= 2, "nothing was killed");
        await one.DisposeAsync();
        await other.DisposeAsync();
        RequireOnce(fixture.Records(), producer.Emitter, told);
        Assert.Equal(4L, fixture.Ask("SELECT count(*) FROM {0}.refused"));
        Verify(fixture);
    }

    [Fact]
    [Requirement("AUD-413", "AUD-412", "AUD-308")]
    public async Task While_sequencers_and_producers_lose_their_sessions_the_log_stays_one_without_gap_and_doubles()
    {
        using var fixture = new PostgresProducerFixture(server);
        fixture.Ask("CREATE TABLE {0}.signed AS SELECT size, root FROM {0}.checkpoint");
        KeepCheckpoints(fixture);
        await using PostgresSequencer one = fixture.Sequence(TimeSpan.FromSeconds(2));
        await using PostgresSequencer other = fixture.Sequence(TimeSpan.FromSeconds(2));
        var random = new Random(11);
        string[] roles = [PostgresServer.Writer, PostgresServer.Producer, PostgresServer.OtherProducer];
        (string Emitter, ConcurrentDictionary<string, long> Told)[] all = await Task.WhenAll(roles[1..].Select(async role =>
        {
            var told = new ConcurrentDictionary<string, long>();
            await using PostgresAuditProducer producer = fixture.Produce(role, TimeSpan.FromSeconds(5));
            for (int round = 0; round < 30; round++)
            {
                int from = round * 10;
                await Task.WhenAll(Enumerable.Range(from, 10).Select(i => TryAsync(async () => told[$"{role}/{i}"] = await producer.AppendAsync(PostgresProducerFixture.Draft($"{role}/{i}")))));
                lock (random)
                {
                    // Every other time the one that holds the lock, else any that anybody has.
                    fixture.Ask(round % 2 == 0
                        ? $"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = {PostgresSchema.LockKey(fixture.Schema)}"
                        : $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{roles[random.Next(3)]}' ORDER BY random() LIMIT 1");
                }
            }

            await LastAsync(producer);
            return (producer.Emitter, told);
        }));

        // Whoever is elected when the noise is over goes too, and the one that is left takes over.
        await (one.Log is not null ? one : other).DisposeAsync();
        await using (PostgresAuditProducer last = fixture.Produce())
        {
            await LastAsync(last);
        }

        await one.DisposeAsync();
        await other.DisposeAsync();
        JsonElement[] records = fixture.Records();
        Assert.All(all, one => RequireOnce(records, one.Emitter, one.Told));
        Assert.All(all, one => Assert.True(one.Told.Count > 30, $"only {one.Told.Count} came through"));
        Assert.True(records.Count(record => PostgresProducerFixture.Text(record, "event_type") == "log.started") > 1, "nobody ever took over");
        Verify(fixture);
    }

    [Fact]
    [Requirement("AUD-413", "AUD-412")]
    public async Task The_one_that_stands_by_goes_on_when_the_elected_one_ends()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresAuditProducer producer = fixture.Produce();
        PostgresSequencer first = fixture.Sequence();
        await producer.AppendAsync(PostgresProducerFixture.Draft("one"), TestContext.Current.CancellationToken);
        Assert.NotNull(first.Log);
        await using PostgresSequencer second = fixture.Sequence();
        Assert.Equal(2, await producer.AppendAsync(PostgresProducerFixture.Draft("two"), TestContext.Current.CancellationToken));
        Assert.Null(second.Log);
        await first.DisposeAsync();
        Assert.Null(first.Log);
        long three = await producer.AppendAsync(PostgresProducerFixture.Draft("three"), TestContext.Current.CancellationToken);
        Assert.NotNull(second.Log);
        Assert.Null(second.Failure);

        // The stop of the first and the start of the second stand between.
        Assert.Equal(["one", "two", "stop", "start", "three"], fixture.Records().Skip(1).Select(record => PostgresProducerFixture.Text(record, "action")));
        Assert.Equal(5, three);
        Verify(fixture);
    }

    [Fact]
    [Requirement("AUD-413", "AUD-407", Partial = "the death of the process; here the server dies")]
    public async Task Producers_and_sequencer_go_on_after_the_death_of_the_server()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresSequencer sequencer = fixture.Sequence();
        await using PostgresAuditProducer producer = fixture.Produce();
        long[] told = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => producer.AppendAsync(PostgresProducerFixture.Draft("act-" + i)).AsTask()));
        server.Crash();
        await LastAsync(producer);
        JsonElement[] records = fixture.Records();
        Assert.All(told.Index(), item => Assert.Equal("act-" + item.Index, PostgresProducerFixture.Text(records[item.Item], "action")));
        Assert.Equal(50, records.Count(record => PostgresProducerFixture.Text(record, "action")!.StartsWith("act-", StringComparison.Ordinal)));
        await sequencer.DisposeAsync();
        Verify(fixture);
    }

    [Fact]
    [Requirement("AUD-413")]
    public async Task A_row_whose_record_is_in_the_log_is_forgotten_when_it_is_handed_in_again()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresSequencer sequencer = fixture.Sequence();
        await using PostgresAuditProducer producer = fixture.Produce();
        long index = await producer.AppendAsync(PostgresProducerFixture.Draft("once"), TestContext.Current.CancellationToken);
        fixture.Ask($"INSERT INTO {{0}}.pending(key, role, record) SELECT key, '{PostgresServer.Producer}', (SELECT leaf FROM {{0}}.entries WHERE idx = {index}) FROM {{0}}.taken");
        await producer.AppendAsync(PostgresProducerFixture.Draft("next"), TestContext.Current.CancellationToken);
        Assert.Equal(["start", "once", "next"], fixture.Records().Select(record => PostgresProducerFixture.Text(record, "action")));
        Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM {0}.pending"));
        Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM {0}.refused"));
    }

    /// <summary>What a producer took over is in the log once, in its order and without a gap, and stands where the producer was told.</summary>
    private static void RequireOnce(JsonElement[] records, string emitter, IReadOnlyDictionary<string, long> told)
    {
        JsonElement[] own = [.. records.Where(record => PostgresProducerFixture.Text(record, "emitter_id") == emitter)];
        Assert.Equal(Enumerable.Range(1, own.Length).Select(i => (long)i), own.Select(record => record.GetProperty("emitter_seq").GetInt64()));
        Assert.All(told, one => Assert.Equal(one.Key, PostgresProducerFixture.Text(records[one.Value], "action")));
        string[] actions = [.. own.Select(record => PostgresProducerFixture.Text(record, "action")!).Where(action => action != "last")];
        Assert.Equal(actions.Distinct(), actions);
    }

    private static void Verify(PostgresProducerFixture fixture)
    {
        LogVerification result = fixture.Verify();
        Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM {0}.pending"));
        if (fixture.Ask("SELECT to_regclass('{0}.signed')::text") is string)
        {
            Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM (SELECT size FROM {0}.signed GROUP BY size HAVING count(DISTINCT root) > 1) AS twice"));
            Assert.True((long)fixture.Ask("SELECT count(*) FROM {0}.signed")! > 1);
        }

        Assert.True(result.EntriesVerified > 0);
    }

    /// <summary>Keeps every checkpoint that was ever written.</summary>
    private static void KeepCheckpoints(PostgresProducerFixture fixture) => fixture.Ask("""
        CREATE FUNCTION {0}.keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO {0}.signed VALUES(NEW.size, NEW.root); RETURN NULL; END $$;
        CREATE TRIGGER keep AFTER INSERT OR UPDATE ON {0}.checkpoint FOR EACH ROW EXECUTE FUNCTION {0}.keep();
        """);

    /// <summary>A record behind all others: when it is in the log, so are they.</summary>
    private static async Task LastAsync(PostgresAuditProducer producer)
    {
        while (!await TryAsync(() => producer.AppendAsync(PostgresProducerFixture.Draft("last"))))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Whoever waits while a session ends may be told that it failed; the record is tried again all the same.</summary>
    private static async Task<bool> TryAsync(Func<ValueTask<long>> append)
    {
        try
        {
            await append();
            return true;
        }
        catch (IOException)
        {
            await Task.Yield();
            return false;
        }
    }
}
