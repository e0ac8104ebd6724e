using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Sealing;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agt.Audit.Tests.Chain;

public sealed class GovernedLogTests
{
    private static readonly Principal Agent = new(AgentId.Parse("billing-1"), "ann");
    private static readonly GovernedValue Arguments = GovernedValue.FromJson("""{"path":"/data/a","force":true}""");

    [Fact]
    [Requirement("AUD-102", "AUD-118", "AUD-120", "AUD-121")]
    [Requirement("AUD-119", "AUD-801", Partial = "trust scores and targets come with the mesh")]
    [Requirement("AUD-115", "AUD-116", "AUD-X01", "AUD-X10")]
    public async Task Every_decision_is_one_record_before_its_effect_and_every_outcome_one_after_it()
    {
        using var fixture = new LogFixture();
        long sizeInside = -1;
        await using (ServiceProvider services = Services(fixture))
        {
            AuditLog log = services.GetRequiredService<AuditLog>();
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            session.AddLabel("pii");
            await CallAsync(governance, session, Tool("Files.Delete"), () => sizeInside = log.Size);
            GovernedResult<string> denied = await CallAsync(governance, session, Tool("Files.Format"));
            Assert.False(denied.IsAllowed);
            await Assert.ThrowsAsync<InvalidOperationException>(() => CallAsync(governance, session, Tool("Files.Read", ToolEffects.Reads), () => throw new InvalidOperationException()));
        }

        JsonElement[] records = Records(fixture);
        JsonElement[] decisions = [.. records.Where(record => Text(record, "kind") == "decision" && Text(record, "action")!.StartsWith("Files.", StringComparison.Ordinal))];
        Assert.Equal([("Files.Delete", "allow"), ("Files.Format", "deny"), ("Files.Read", "allow")], decisions.Select(record => (Text(record, "action")!, Text(record, "decision")!)));
        JsonElement deleted = decisions[0];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("""{"force":true,"path":"/data/a"}"""u8)), Text(deleted, "arguments_hash"));
        Assert.Equal(("billing-1", "governance_decision", "allowed"), (Text(deleted, "agent_id"), Text(deleted, "event_type"), Text(deleted, "reason_code")));
        Assert.Equal("ann", deleted.GetProperty("attributes").GetProperty("agt.user").GetString());
        Assert.Equal("pii", deleted.GetProperty("attributes").GetProperty("agt.labels")[0].GetString());
        Assert.False(deleted.TryGetProperty("context", out _));
        Assert.Contains("agent_identity", deleted.GetProperty("bom").EnumerateArray().Select(field => Text(field, "name")));
        int at = Array.FindIndex(records, record => Text(record, "record_id") == Text(deleted, "record_id"));
        Assert.True(sizeInside > at, $"the effect ran when {sizeInside} records were durable; its decision is record {at}");
        JsonElement outcome = records.Single(record => Text(record, "decision_ref") == Text(deleted, "record_id"));
        Assert.Equal("outcome", Text(outcome, "kind"));
        Assert.False(outcome.TryGetProperty("outcome", out _));
        Assert.Equal("failure", Text(records.Single(record => Text(record, "decision_ref") == Text(decisions[2], "record_id")), "outcome"));
        Assert.Equal("contoso:forbidden", Text(decisions[1], "reason_code"));
        Assert.Equal("medium", Text(decisions[1], "severity"));
        Assert.Equal(Enumerable.Range(1, records.Length).Select(i => (long)i), records.Select(record => record.GetProperty("emitter_seq").GetInt64()));
        foreach (JsonElement record in records)
        {
            Assert.Equal(record.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), record.EnumerateObject().Select(member => member.Name));
        }
    }

    [Fact]
    [Requirement("AUD-113", "AUD-601")]
    public async Task Arguments_that_are_too_long_for_a_record_lie_beside_the_log_and_are_what_it_commits_to()
    {
        using var fixture = new LogFixture();
        string text = new('x', 200_000);
        await using (ServiceProvider services = Services(fixture, options =>
        {
            options.Context = ContextCapture.Clear;
            options.Members.Add(new MemberRule("/password", MemberClass.Secret));
        }))
        {
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            GovernedValue arguments = GovernedValue.FromJson($$"""{"password":"hunter2","text":"{{text}}"}""");
            GovernedResult<string> result = await governance.InvokeAsync(new GovernedAction(Tool("Files.Write"), session, arguments), 0, static (_, _, _) => new ValueTask<string>("done"), TextCodec.Instance, CancellationToken.None);
            Assert.True(result.IsAllowed);
        }

        (JsonElement record, long index) = Records(fixture).Select((record, i) => (record, (long)i)).Single(entry => Text(entry.record, "action") == "Files.Write" && Text(entry.record, "kind") == "decision");
        byte[] leaf = Encoding.UTF8.GetBytes(record.GetRawText());
        Assert.True(leaf.Length < 4_096);
        string? beside = ContextBlob.Read(fixture.LogPath, index, leaf);
        Assert.Equal($$"""{"password":{"_redacted":"secret"},"text":"{{text}}"}""", beside);
        Assert.Equal(beside!.Length, record.GetProperty("context_ref").GetProperty("size").GetInt32());
        string file = Assert.Single(Directory.GetFiles(Path.Combine(fixture.LogPath, "blobs")));
        await File.AppendAllTextAsync(file, " ", TestContext.Current.CancellationToken);
        Assert.Throws<InvalidDataException>(() => ContextBlob.Read(fixture.LogPath, index, leaf));
        File.Delete(file);
        Assert.Null(ContextBlob.Read(fixture.LogPath, index, leaf));
    }

    [Fact]
    [Requirement("AUD-601")]
    public async Task Arguments_are_in_the_log_only_where_the_host_wants_them()
    {
        using var fixture = new LogFixture();
        await using (ServiceProvider services = Services(fixture, options => options.Context = ContextCapture.Clear))
        {
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            await CallAsync(governance, session, Tool("Files.Delete"));
        }

        JsonElement record = Records(fixture).Single(record => Text(record, "action") == "Files.Delete" && Text(record, "kind") == "decision");
        Assert.Equal("""{"arguments":{"force":true,"path":"/data/a"}}""", record.GetProperty("context").GetRawText());
    }

    [Fact]
    [Requirement("AUD-408")]
    [Requirement("AUD-409")]
    public async Task Effects_that_last_wait_for_their_record_and_are_denied_without_it()
    {
        using var fixture = new LogFixture();
        await using ServiceProvider services = Services(fixture);
        AuditLog log = services.GetRequiredService<AuditLog>();
        IGovernance governance = services.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
        await log.DisposeAsync();
        int effects = 0;
        foreach (ToolEffects declared in new[] { ToolEffects.None, ToolEffects.Writes, ToolEffects.Egress, ToolEffects.Irreversible, ToolEffects.Reads })
        {
            GovernedResult<string> result = await CallAsync(governance, session, Tool("Files.Delete", declared), () => effects++);
            Assert.Equal("audit_unavailable", result.Decision.Reason.Code);
        }

        Assert.Equal(0, effects);
    }

    [Fact]
    [Requirement("AUD-115")]
    public async Task An_effect_whose_end_nobody_recorded_is_in_doubt_at_the_next_start()
    {
        using var fixture = new LogFixture();
        var stopped = new MemoryAuditStore();
        await using (AuditLog log = fixture.Open(stopped))
        {
            var decisions = new AuditDecisionLog(log);
            await AppendAsync(decisions, 1, ended: true);
            await AppendAsync(decisions, 2, ended: false);
        }

        // The same records without the stop: the process died.
        var died = new MemoryAuditStore();
        Copy(fixture.Key, stopped, died, stopped.Size - 1);
        var resumed = new AuditOptions { Origin = fixture.Key.Key.Name };
        await using AuditLog again = AuditLog.Open(died, fixture.Key, resumed);
        InDoubt found = Assert.Single(again.InDoubt);
        Assert.Equal("Files.Delete", found.Action);
        long told = await again.AppendAsync(LogFixture.Event(1));
        Assert.Contains(again.Read(0, told).Select(leaf => JsonDocument.Parse(leaf).RootElement), record => Text(record, "event_type") == "outcome.in_doubt" && Text(record, "resource") == found.RecordId);
        await using AuditLog clean = fixture.Open(stopped);
        Assert.Empty(clean.InDoubt);
    }

    [Fact]
    [Requirement("AUD-115")]
    public async Task An_effect_in_doubt_says_the_key_with_which_it_can_be_repeated()
    {
        using var fixture = new LogFixture();
        var store = new MemoryAuditStore();
        var died = new MemoryAuditStore();
        string? sent = null;
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("rules")).AddIdempotencyKeys()
            .AddAudit(options => (options.Directory, options.Origin, options.OpenStore) = (fixture.LogPath, "log.example/keys", _ => store));
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            IGovernance governance = provider.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            var tool = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity("Bank.Pay", effects: ToolEffects.Irreversible, idempotencyArgument: "key"), "test");
            await governance.InvokeAsync(
                new GovernedAction(tool, session, GovernedValue.FromJson("""{"amount":7}"""), callId: "call-1"), 0,
                (_, operation, _) =>
                {
                    // The process dies here: what the log holds now is all there is.
                    Assert.True(operation.Payload.TryGetMember("key", out GovernedValue key));
                    sent = key.AsString();
                    Copy(fixture.Key, store, died, store.Size);
                    return new ValueTask<string>("paid");
                },
                TextCodec.Instance, CancellationToken.None);
        }

        await using AuditLog again = AuditLog.Open(died, fixture.Key, new AuditOptions { Origin = fixture.Key.Key.Name });
        Assert.NotNull(sent);
        Assert.Equal(sent, again.InDoubt.Single(found => found.Action == "Bank.Pay").IdempotencyKey);
        await again.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Contains(again.Read(0, again.Size).Select(leaf => JsonDocument.Parse(leaf).RootElement), record => Text(record, "event_type") == "outcome.in_doubt" && record.TryGetProperty("attributes", out JsonElement attributes) && attributes.GetProperty("agt.idempotency_key").GetString() == sent);
    }

    [Fact]
    [Requirement("AUD-412")]
    public void Options_that_cannot_be_are_refused_with_what_would_be_right()
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddAudit(options =>
        {
            options.Origin = "a b";
            options.BatchDelay = TimeSpan.FromSeconds(1);
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        string[] failures = [.. Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IGovernance>()).Failures];
        Assert.Equal(2, failures.Length);
        Assert.Contains("00:00:00.0010000 to 00:00:00.0500000", failures[1], StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-311", Partial = "a key in a file; key stores and remote signers stand behind IAuditSigner and are the host's")]
    public async Task A_key_is_made_once_and_its_loss_is_told()
    {
        using var fixture = new LogFixture();
        string directory = fixture.LogPath;
        await using (ServiceProvider services = Services(fixture))
        {
            services.GetRequiredService<AuditLog>();
        }

        string keyFile = Path.Combine(directory, "log.key");
        Assert.True(AuditKey.TryParse(await File.ReadAllTextAsync(keyFile, TestContext.Current.CancellationToken), out AuditKey? key));
        Assert.Equal(key.Key.ToString() + "\n", await File.ReadAllTextAsync(keyFile + ".pub", TestContext.Current.CancellationToken));
        key.Dispose();
        File.Move(keyFile, keyFile + ".lost");
        await using ServiceProvider again = Services(fixture);
        Assert.Equal(AuditStoreProblem.Key, Assert.Throws<AuditStoreException>(() => again.GetRequiredService<AuditLog>()).Problem);
    }

    private static ServiceProvider Services(LogFixture fixture, Action<AuditOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false)
            .AddInterceptor(new TestInterceptor("rules") { Before = (context, _) => new(context.Template.Tool?.Name == "Files.Format" ? Verdict.Deny(new ReasonCode("contoso:forbidden", DenialCategory.BlockedTool, "No.")) : Verdict.Allow) })
            .AddAudit(options =>
            {
                options.Directory = fixture.LogPath;
                options.Origin = fixture.Options.Origin;
                configure?.Invoke(options);
            });
        return services.BuildServiceProvider();
    }

    private static ActionTemplate Tool(string name, ToolEffects effects = ToolEffects.None) =>
        new(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity(name, effects: effects), "test");

    private static async Task<GovernedResult<string>> CallAsync(IGovernance governance, GovernanceSession session, ActionTemplate tool, Action? effect = null) =>
        await governance.InvokeAsync(
            new GovernedAction(tool, session, Arguments, callId: "call-1"),
            effect,
            static (run, _, _) =>
            {
                run?.Invoke();
                return new ValueTask<string>("done");
            },
            TextCodec.Instance,
            CancellationToken.None);

    private static JsonElement[] Records(LogFixture fixture)
    {
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        return [.. store.ReadLeaves(0, long.MaxValue).Select(leaf => JsonDocument.Parse(leaf).RootElement)];
    }

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static async Task AppendAsync(AuditDecisionLog log, ulong id, bool ended)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("rules")).UseDecisionLog(new Relay(log, ended));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
        Assert.True((await CallAsync(governance, session, Tool("Files.Delete"))).IsAllowed, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static void Copy(AuditKey key, MemoryAuditStore from, MemoryAuditStore to, long count)
    {
        var tree = new CompactRange();
        var batch = new AuditBatch();
        batch.Begin(0);
        foreach (ReadOnlyMemory<byte> leaf in from.ReadLeaves(0, count))
        {
            batch.Add(leaf.Span);
        }

        batch.Integrate(tree);
        to.Append(batch);
        string text = new Checkpoint(key.Key.Name, 0, MerkleTree.EmptyRoot).ToString();
        to.WriteCheckpoint(new SignedNote(text, [new NoteSignature(key.Key.Name, key.Key.KeyId, key.Sign(text))]).ToUtf8());
    }

    /// <summary>Hands tool calls on to the log, outcomes only where the effect is to have an end there.</summary>
    private sealed class Relay(AuditDecisionLog log, bool outcomes) : IDecisionLog
    {
        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken) =>
            record.Action.Template.Tool is null ? default : log.AppendAsync(in record, cancellationToken);

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) =>
            record.Action.Template.Tool is null || !outcomes ? default : log.AppendAsync(in record, cancellationToken);
    }
}
