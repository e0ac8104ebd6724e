using System.Text.Json;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Storage.Postgres;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Agt.Audit.Tests.Stores;

[Collection(PostgresServer.Turns)]
public sealed class PostgresProducerTests(PostgresServer server)
{
    private const string Producer = PostgresServer.Producer;
    private static readonly Principal Agent = new(AgentId.Parse("billing-1"), "ann");

    [Fact]
    [Requirement("AUD-413")]
    public async Task Many_producers_hand_in_to_one_log_and_each_is_told_where_its_record_stands()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresSequencer sequencer = fixture.Sequence();
        string[] emitters = await Task.WhenAll(Enumerable.Range(0, 3).Select(async one =>
        {
            await using PostgresAuditProducer producer = fixture.Produce();
            long[] told = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => producer.AppendAsync(PostgresProducerFixture.Draft($"{one}/{i}")).AsTask()));
            JsonElement[] records = fixture.Records();
            Assert.All(told.Index(), item => Assert.Equal($"{one}/{item.Index}", PostgresProducerFixture.Text(records[item.Item], "action")));
            Assert.Equal(told.Order(), told);
            return producer.Emitter;
        }));
        await sequencer.DisposeAsync();
        JsonElement[] all = fixture.Records();
        foreach (string emitter in emitters)
        {
            Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), all.Where(record => PostgresProducerFixture.Text(record, "emitter_id") == emitter).Select(record => record.GetProperty("emitter_seq").GetInt64()));
        }

        Assert.Equal(602, all.Length);
        Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM {0}.pending"));
        Assert.DoesNotContain(fixture.Verify().Findings, finding => finding.Kind == "emitter_gap");
    }

    [Fact]
    [Requirement("AUD-413", "AUD-X04", "AUD-408")]
    public async Task A_governed_host_without_a_key_records_its_decisions_in_the_words_of_the_log()
    {
        using var fixture = new PostgresProducerFixture(server);
        string[] handedIn;
        await using (ServiceProvider services = Services(fixture, AuditDurability.Buffered))
        {
            // Nobody writes the log yet: what is handed in stands on the queue, and can be looked at.
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using (GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None))
            {
                Assert.True((await CallAsync(governance, session, "Files.Delete", ToolEffects.Writes)).IsAllowed);
                Assert.False((await CallAsync(governance, session, "Files.Format", ToolEffects.Writes)).IsAllowed);
            }

            Assert.Null(services.GetService<AuditLog>());
        }

        handedIn = [.. ((string[])fixture.Ask("SELECT array_agg(convert_from(record, 'UTF8') ORDER BY id) FROM {0}.pending")!)];
        Assert.True(handedIn.Length >= 3, $"{handedIn.Length} records");
        await using (PostgresSequencer sequencer = fixture.Sequence())
        await using (PostgresAuditProducer last = fixture.Produce())
        {
            await last.AppendAsync(PostgresProducerFixture.Draft("last"), TestContext.Current.CancellationToken);
        }

        // Byte for byte what the producer wrote.
        Assert.Equal(handedIn, fixture.Records().Select(record => record.GetRawText()).Where(handedIn.Contains));
        JsonElement deleted = fixture.Records().Single(record => PostgresProducerFixture.Text(record, "action") == "Files.Delete" && PostgresProducerFixture.Text(record, "kind") == "decision");
        Assert.Equal("allow", PostgresProducerFixture.Text(deleted, "decision"));
        Assert.Contains(fixture.Records(), record => PostgresProducerFixture.Text(record, "decision_ref") == PostgresProducerFixture.Text(deleted, "record_id"));
        fixture.Verify();
    }

    [Fact]
    [Requirement("AUD-408", "AUD-409", "AUD-413")]
    public async Task An_effect_that_lasts_starts_when_its_record_is_in_the_log_and_not_without_a_sequencer()
    {
        using var fixture = new PostgresProducerFixture(server);
        int effects = 0;
        await using (ServiceProvider services = Services(fixture, AuditDurability.ByEffects, TimeSpan.FromMilliseconds(300)))
        {
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            GovernedResult<string> denied = await CallAsync(governance, session, "Files.Delete", ToolEffects.Writes, () => effects++);
            Assert.Equal("audit_unavailable", denied.Decision.Reason.Code);
            Assert.True((await CallAsync(governance, session, "Files.Read", ToolEffects.Reads)).IsAllowed);
        }

        Assert.Equal(0, effects);
        await using PostgresSequencer sequencer = fixture.Sequence();
        await using ServiceProvider again = Services(fixture, AuditDurability.ByEffects);
        IGovernance works = again.GetRequiredService<IGovernance>();
        await using GovernanceSession open = await works.OpenSessionAsync(Agent, null, CancellationToken.None);
        bool inLog = false;
        Assert.True((await CallAsync(works, open, "Files.Move", ToolEffects.Writes, () => inLog = fixture.Records().Any(record => PostgresProducerFixture.Text(record, "action") == "Files.Move"))).IsAllowed);
        Assert.True(inLog);
    }

    [Theory]
    [Requirement("AUD-413", "AUD-X04")]
    [InlineData("SELECT * FROM {0}.pending")]
    [InlineData("SELECT * FROM {0}.entries")]
    [InlineData("SELECT * FROM {0}.taken")]
    [InlineData("SELECT * FROM {0}.emitters")]
    [InlineData("UPDATE {0}.pending SET record = ''")]
    [InlineData("DELETE FROM {0}.pending")]
    [InlineData("TRUNCATE {0}.pending")]
    [InlineData("INSERT INTO {0}.pending(key, record, role) VALUES(gen_random_uuid(), 'x', 'agt_writer')")]
    [InlineData("INSERT INTO {0}.pending(id, key, record) OVERRIDING SYSTEM VALUE VALUES(-1, gen_random_uuid(), 'x')")]
    [InlineData("INSERT INTO {0}.entries VALUES(0, '')")]
    [InlineData("INSERT INTO {0}.taken VALUES(gen_random_uuid(), 0)")]
    [InlineData("SELECT {0}.settle('{}', '{}', '{}', '{}')")]
    [InlineData("SELECT {0}.refuse_pending('{}', '{}')")]
    [InlineData("SELECT {0}.own_emitter('x')")]
    [InlineData("SELECT {0}.forget_taken()")]
    [InlineData("SELECT {0}.put_checkpoint(1, '', '')")]
    [InlineData("SELECT {0}.purge(0)")]
    public void A_producer_can_hand_in_and_nothing_else(string sql)
    {
        using var fixture = new PostgresProducerFixture(server);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.Throws<PostgresException>(() => fixture.As(Producer, sql)).SqlState);
    }

    [Fact]
    [Requirement("AUD-413")]
    public void A_role_that_may_do_more_than_hand_in_is_no_producer()
    {
        using var fixture = new PostgresProducerFixture(server);
        Assert.Equal(AuditStoreProblem.Privileges, Assert.Throws<AuditStoreException>(() => fixture.Produce(PostgresServer.Writer)).Problem);
        Assert.Equal(AuditStoreProblem.Privileges, Assert.Throws<AuditStoreException>(() => fixture.Produce("postgres")).Problem);
        Assert.Throws<OptionsValidationException>(() => PostgresAuditProducer.Open(server.Connection(Producer), fixture.Schema, new AuditOptions { Context = ContextCapture.Clear }));
        Assert.Equal(AuditStoreProblem.Version, Assert.Throws<AuditStoreException>(() => PostgresAuditProducer.Open(server.Connection(Producer), "nothing_here")).Problem);
    }

    [Fact]
    [Requirement("AUD-413")]
    public async Task A_row_that_is_no_record_is_refused_with_the_reason_and_holds_nobody_up()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresAuditProducer producer = fixture.Produce();
        string[] rows =
        [
            "'garbage'", "'{}'", "'\\xff'", """'{"kind":"config","action":"a","agent_id":"a","event_type":"log.purged"}'""", """'{"kind":"event","action":"a","agent_id":"a"}'""",
            Escaped("""{"\u0000":1}"""), Escaped("""{"kind":"event","action":"a","agent_id":"a","emitter_id":"x\u0000","emitter_seq":1}"""), Escaped("""{"\ud83d\ude00":1}"""), Escaped("""{"\ud83d":1}"""),
            Escaped(new string('[', 5_000)), Escaped("""{"kind":"event","action":"a","agent_id":"a","emitter_id":"x","emitter_seq":1,"attributes":{"x.n":1e999}}"""),
        ];
        foreach (string row in rows)
        {
            fixture.As(Producer, $"INSERT INTO {{0}}.pending(key, record) VALUES(gen_random_uuid(), {row})");
        }

        Task<long> good = producer.AppendAsync(PostgresProducerFixture.Draft("good"), TestContext.Current.CancellationToken).AsTask();
        string huge = $$""","attributes":{"x.y":"{{new string('y', 65_400)}}"}""";
        Task<long> tooLong = producer.AppendAsync(PostgresProducerFixture.Draft("long", huge), TestContext.Current.CancellationToken).AsTask();
        Task<long> after = producer.AppendAsync(PostgresProducerFixture.Draft("after"), TestContext.Current.CancellationToken).AsTask();
        await using PostgresSequencer sequencer = fixture.Sequence();
        Assert.True(await good < await after);
        await Assert.ThrowsAsync<InvalidRecordException>(() => tooLong);

        // Read after those before it were dealt with.
        await producer.AppendAsync(PostgresProducerFixture.Draft("end"), TestContext.Current.CancellationToken);
        Assert.Equal((long)rows.Length, fixture.Ask("SELECT count(*) FROM {0}.refused WHERE reason <> '' AND role = 'agt_producer'"));
        Assert.Equal(0L, fixture.Ask("SELECT count(*) FROM {0}.pending"));
        Assert.DoesNotContain(fixture.Records(), record => PostgresProducerFixture.Text(record, "event_type") == "log.purged");
    }

    [Fact]
    [Requirement("AUD-413")]
    public async Task A_queue_that_nobody_empties_takes_so_many_and_no_more()
    {
        using var fixture = new PostgresProducerFixture(server);
        fixture.Ask($"INSERT INTO {{0}}.pending(id, key, record) OVERRIDING SYSTEM VALUE VALUES(-{PostgresSchema.MaxPending}, gen_random_uuid(), 'x')");
        await using PostgresAuditProducer producer = fixture.Produce(deadline: TimeSpan.FromSeconds(2));
        IOException refused = await Assert.ThrowsAsync<IOException>(() => producer.AppendAsync(PostgresProducerFixture.Draft("one too many")).AsTask());
        Assert.Contains("too many records wait", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(producer.Failure);
        await Assert.ThrowsAsync<IOException>(() => producer.AppendAsync(PostgresProducerFixture.Draft("and another")).AsTask());
        fixture.Ask("DELETE FROM {0}.pending");
        await using PostgresSequencer sequencer = fixture.Sequence();
        while (producer.Pending > 0)
        {
            await Task.Yield();
        }

        await producer.AppendAsync(PostgresProducerFixture.Draft("again"), TestContext.Current.CancellationToken);
        Assert.Equal(["start", "one too many", "again"], fixture.Records().Select(record => PostgresProducerFixture.Text(record, "action")));
    }

    [Fact]
    [Requirement("AUD-413", "AUD-X04")]
    public async Task Nobody_writes_in_the_name_of_another_or_of_the_log_or_twice_with_one_number()
    {
        using var fixture = new PostgresProducerFixture(server);
        await using PostgresSequencer sequencer = fixture.Sequence();
        await using PostgresAuditProducer victim = fixture.Produce();
        await victim.AppendAsync(PostgresProducerFixture.Draft("mine"), TestContext.Current.CancellationToken);
        await using PostgresAuditProducer hostile = fixture.Produce(PostgresServer.OtherProducer);
        string log = fixture.Records().Select(record => PostgresProducerFixture.Text(record, "emitter_id")).First()!;
        foreach (string emitter in new[] { victim.Emitter, log })
        {
            RecordDraft forged = PostgresProducerFixture.Draft("forged", $""","emitter_id":"{emitter}","emitter_seq":2""");
            Assert.Contains("somebody else", (await Assert.ThrowsAsync<InvalidRecordException>(() => hostile.AppendAsync(forged).AsTask())).Message, StringComparison.Ordinal);
        }

        RecordDraft again = PostgresProducerFixture.Draft("again", $""","emitter_id":"{victim.Emitter}","emitter_seq":1""");
        Assert.Contains("not greater than 1", (await Assert.ThrowsAsync<InvalidRecordException>(() => victim.AppendAsync(again).AsTask())).Message, StringComparison.Ordinal);
        Assert.Equal(2, await victim.AppendAsync(PostgresProducerFixture.Draft("mine too"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(fixture.Records(), record => PostgresProducerFixture.Text(record, "action") is "forged" or "again");
    }

    private static string Escaped(string json) => $"convert_to('{json}', 'UTF8')";

    private ServiceProvider Services(PostgresProducerFixture fixture, AuditDurability durability, TimeSpan? deadline = null)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false)
            .AddInterceptor(new TestInterceptor("rules") { Before = (context, _) => new(context.Template.Tool?.Name == "Files.Format" ? Verdict.Deny(new ReasonCode("contoso:forbidden", DenialCategory.BlockedTool, "No.")) : Verdict.Allow) })
            .UsePostgresAuditProducer(server.Connection(Producer), fixture.Schema, options => (options.Durability, options.AppendDeadline) = (durability, deadline ?? TimeSpan.FromSeconds(30)));
        return services.BuildServiceProvider();
    }

    private static async Task<GovernedResult<string>> CallAsync(IGovernance governance, GovernanceSession session, string tool, ToolEffects effects, Action? effect = null) =>
        await governance.InvokeAsync(
            new GovernedAction(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity(tool, effects: effects), "test"), session, GovernedValue.FromJson("""{"path":"/data/a"}"""), callId: "call-1"),
            effect,
            static (run, _, _) =>
            {
                run?.Invoke();
                return new ValueTask<string>("done");
            },
            TextCodec.Instance,
            CancellationToken.None);
}
