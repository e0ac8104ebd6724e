using Agt.Events;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Core.Tests.Events;

public sealed class EventExporterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agt-events").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(55));

    [Fact]
    [Requirement("AUD-510", Partial = "two variables are named AGT_GSP_QUEUE_SIZE and AGT_GSP_BATCH_SIZE, as POL-304 has them")]
    [Requirement("POL-304")]
    public void The_defaults_are_those_of_the_specification()
    {
        var options = new EventExportOptions();
        Assert.Equal((1_024, 100, 2_000, 10_000, 5, 60, 5, 30), (options.QueueCapacity, options.BatchSize, (int)options.Delay.TotalMilliseconds, (int)options.ExportTimeout.TotalMilliseconds,
            options.BreakAfterFailures, (int)options.BreakDuration.TotalSeconds, (int)options.ShutdownTimeout.TotalSeconds, (int)options.FlushTimeout.TotalSeconds));
        var variables = new Dictionary<string, string> { ["AGT_GSP_QUEUE_SIZE"] = "7", ["AGT_GSP_BATCH_SIZE"] = "3", ["AGT_GSP_SCHEDULE_DELAY_MS"] = "50", ["AGT_GSP_EXPORT_TIMEOUT_MS"] = "60" };
        options.ReadEnvironment(variables.GetValueOrDefault);
        Assert.Equal((7, 3, 50, 60), (options.QueueCapacity, options.BatchSize, (int)options.Delay.TotalMilliseconds, (int)options.ExportTimeout.TotalMilliseconds));
        Assert.Contains("AGT_GSP_QUEUE_SIZE", Assert.Throws<FormatException>(() => new EventExportOptions().ReadEnvironment(_ => "0")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new EventExporter([], new EventExportOptions { BatchSize = 0 }, _time));
    }

    [Fact]
    [Requirement("POL-304")]
    public async Task A_full_batch_goes_at_once_and_a_part_of_one_after_the_delay()
    {
        var sink = new Sink("s");
        await using SinkPump pump = Pump(sink, new EventExportOptions { BatchSize = 3 });
        for (int i = 0; i < 3; i++)
        {
            pump.Offer(Envelope("policy_check"));
        }

        Assert.Equal(3, (await sink.NextAsync()).Count);
        pump.Offer(Envelope("policy_check"));
        Assert.False(sink.HasMore);
        await AdvanceUntil(() => sink.HasMore, TimeSpan.FromMilliseconds(2_000));
        Assert.Single(await sink.NextAsync());
    }

    [Fact]
    [Requirement("AUD-512")]
    [Requirement("POL-305", "POL-X24")]
    public async Task Overflow_lets_the_oldest_go_but_never_a_denial()
    {
        var sink = new Sink("s");
        EventEnvelope[] denials;
        await using (SinkPump pump = Pump(sink, new EventExportOptions { QueueCapacity = 4, BatchSize = 1_000, JournalFolder = _folder }))
        {
            denials = [.. Enumerable.Range(0, 50).Select(_ => Envelope("policy_violation", "deny"))];
            foreach (EventEnvelope denial in denials)
            {
                pump.Offer(denial);
                pump.Offer(Envelope("policy_check"));
            }

            Assert.Equal(48, pump.Dropped);
            await pump.FlushAsync(CancellationToken.None);
            Assert.Equal(0, pump.Lost);
        }

        Assert.Equal(denials.Select(denial => denial.EventId), sink.All.Where(envelope => envelope.IsPriority).Select(envelope => envelope.EventId));
        Assert.Equal(52, sink.All.Count);
    }

    [Fact]
    [Requirement("POL-305", "POL-X24")]
    public async Task What_could_not_be_exported_is_exported_by_the_next_process_though_a_line_is_torn()
    {
        var broken = new Sink("s") { Answer = _ => throw new IOException() };
        EventEnvelope denial = Envelope("tool_call_blocked", "deny");
        await using (SinkPump pump = Pump(broken, new EventExportOptions { JournalFolder = _folder }))
        {
            pump.Offer(denial);
            pump.Offer(Envelope("policy_check"));
        }

        string file = Assert.Single(Directory.GetFiles(_folder));
        await File.AppendAllTextAsync(file, "{\"schema_version\":\"1\",\"event_id\":\"0", TestContext.Current.CancellationToken);
        var mended = new Sink("s");
        await using (SinkPump pump = Pump(mended, new EventExportOptions { JournalFolder = _folder }))
        {
            EventEnvelope later = Envelope("policy_violation", "deny");
            pump.Offer(later);
            await pump.FlushAsync(CancellationToken.None);
            Assert.Equal([denial.EventId, later.EventId], mended.All.Select(envelope => envelope.EventId));
        }

        Assert.Equal(0, new FileInfo(file).Length);
    }

    [Fact]
    [Requirement("POL-305")]
    public async Task A_journal_that_is_full_loses_aloud()
    {
        var broken = new Sink("s") { Answer = _ => EventExport.Failed };
        await using SinkPump pump = Pump(broken, new EventExportOptions { QueueCapacity = 1, MaxJournalBytes = 1_024, JournalFolder = _folder });
        for (int i = 0; i < 10; i++)
        {
            pump.Offer(Envelope("policy_violation", "deny"));
        }

        Assert.InRange(pump.Lost, 1, 9);
    }

    [Fact]
    [Requirement("AUD-514", "AUD-508")]
    [Requirement("POL-304")]
    public async Task Five_failures_in_a_row_leave_a_sink_alone_for_a_minute_and_dropped_is_no_failure()
    {
        var sink = new Sink("s") { Answer = _ => EventExport.Failed };
        await using SinkPump pump = Pump(sink, new EventExportOptions());
        pump.Offer(Envelope("policy_violation", "deny"));
        for (int i = 0; i < 4; i++)
        {
            await pump.FlushAsync(CancellationToken.None);
            Assert.False(pump.IsBroken);
        }

        await pump.FlushAsync(CancellationToken.None);
        Assert.True(pump.IsBroken);
        int calls = sink.Calls;
        await pump.FlushAsync(CancellationToken.None);
        Assert.Equal(calls, sink.Calls);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.True(pump.IsBroken);
        sink.Answer = _ => EventExport.Dropped;
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(pump.IsBroken);
        for (int i = 0; i < 6; i++)
        {
            pump.Offer(Envelope("policy_check"));
            await pump.FlushAsync(CancellationToken.None);
            Assert.False(pump.IsBroken);
        }
    }

    [Fact]
    [Requirement("AUD-511")]
    [Requirement("POL-304")]
    public async Task A_sink_that_hangs_holds_up_no_other_and_is_called_by_one_thread_at_a_time()
    {
        var never = new TaskCompletionSource<EventExport>();
        var hanging = new Sink("hanging") { AnswerLater = never.Task };
        var other = new Sink("other");
        await using var exporter = new EventExporter([hanging, other], new EventExportOptions { BatchSize = 1, ShutdownTimeout = TimeSpan.FromMilliseconds(1) }, _time);
        exporter.OnEvent(await HappenedAsync());
        Assert.Single(await other.NextAsync());
        Assert.Single(await hanging.NextAsync());
        await AdvanceUntil(() => exporter.Dropped == 1, TimeSpan.FromSeconds(10));
        exporter.OnEvent(await HappenedAsync());
        Assert.Single(await other.NextAsync());
        await AdvanceUntil(() => exporter.Dropped == 2, TimeSpan.FromSeconds(2));
        Assert.Equal(1, hanging.Calls);
        never.SetResult(EventExport.Exported);
    }

    [Fact]
    [Requirement("AUD-505", "AUD-506", "AUD-507", Partial = "the kinds of events are those of the core (docs/events.md); those of modules come with them")]
    [Requirement("POL-303")]
    public void An_envelope_comes_back_as_it_went_and_what_is_unknown_is_passed_over()
    {
        EventEnvelope envelope = Envelope("policy_violation", "deny") with { Resource = "t", LatencyMs = 0.25, TraceId = "abc", Attributes = new Dictionary<string, string> { ["rule"] = "r" } };
        string json = envelope.ToJson();
        Assert.DoesNotContain("span_id", json, StringComparison.Ordinal);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
        EventEnvelope back = EventEnvelope.Parse(json.Replace("{\"schema_version\"", "{\"later\":[1,{}],\"schema_version\"", StringComparison.Ordinal));
        Assert.Equal(json, back.ToJson());
        Assert.Throws<FormatException>(() => EventEnvelope.Parse(json.Replace("\"schema_version\":\"1\"", "\"schema_version\":\"2\"", StringComparison.Ordinal)));
        Assert.Throws<FormatException>(() => EventEnvelope.Parse("[]"));
        Assert.Throws<FormatException>(() => EventEnvelope.Parse(json.Replace("\"kind\"", "\"kinds\"", StringComparison.Ordinal)));
    }

    [Fact]
    [Requirement("POL-301", "POL-X23")]
    public async Task A_denied_call_leaves_digest_and_shape_of_its_arguments_and_no_value()
    {
        var sink = new Sink("s");
        using var chain = new ChainFixture(builder => builder.AddEventSink(sink), new TestInterceptor("x") { Before = ChainTests.OnTool(_ => Verdict.Deny(ReasonCodes.RuleDenied)) });
        await chain.RunAsync();
        EventExporter exporter = chain.Services.GetRequiredService<EventExporter>();
        Assert.True(await exporter.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Contains(sink.All, envelope => envelope.Kind == "policy_check");
        EventEnvelope blocked = Assert.Single(sink.All, envelope => envelope.Kind is "tool_call_blocked");
        Assert.Equal(("deny", "rule_denied", "warning"), (blocked.Decision, blocked.Reason, blocked.Severity));
        Assert.StartsWith("sha256:", blocked.Attributes["context_sha256"], StringComparison.Ordinal);
        Assert.Matches("^[a-z_]+:[A-Za-z]+", blocked.Attributes["context_shape"]);
        Assert.True(blocked.IsPriority);
    }

    [Fact]
    [Requirement("POL-300", Partial = "digest and shape of the arguments are there for denials alone; milliseconds of the evaluation for engines beside the documents")]
    public async Task A_decision_is_one_entry_with_its_policies_rule_time_and_whether_it_is_an_error()
    {
        var sink = new Sink("s");
        using var chain = new ChainFixture(
            builder => builder.AddEventSink(sink),
            new TestInterceptor("one") { Before = ChainTests.OnTool(_ => new Verdict(VerdictOutcome.Warn, new VerdictDetail(ReasonCodes.RuleDenied) { Policy = "first", Rule = "r1" })) },
            new TestInterceptor("two") { Before = ChainTests.OnTool(_ => new Verdict(VerdictOutcome.Deny, new VerdictDetail(ReasonCodes.PolicyEvaluationError) { Policy = "external:opa", Rule = "r2" })) });
        await chain.RunAsync();
        EventExporter exporter = chain.Services.GetRequiredService<EventExporter>();
        Assert.True(await exporter.FlushAsync(TestContext.Current.CancellationToken));
        EventEnvelope entry = Assert.Single(sink.All, envelope => envelope is { Kind: "policy_violation" });
        Assert.Equal(("external:opa", "r2", "first,external:opa", "true"), (entry.PolicyName, entry.Attributes["rule"], entry.Attributes["policy_chain"], entry.Attributes["error"]));
        Assert.Contains("\"occurred_at\":\"2026-01-01T00:00:00.0000000Z\"", entry.ToJson(), StringComparison.Ordinal);
        Assert.StartsWith("sha256:", entry.Attributes["context_sha256"], StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-X31", Partial = "OpenTelemetry logs and AuthZEN")]
    public void Events_are_written_as_CloudEvents_and_as_decisions_of_Open_Policy_Agent()
    {
        EventEnvelope envelope = Envelope("policy_violation", "deny") with { Resource = "t" };
        GovernedValue cloud = GovernedValue.FromJson(EventFormats.ToCloudEvent(envelope, "/hosts/1"));
        Assert.Equal(("1.0", "agt.governance.policy_violation", "/hosts/1", "t"), (Text(cloud, "specversion"), Text(cloud, "type"), Text(cloud, "source"), Text(cloud, "subject")));
        Assert.True(cloud.TryGetMember("data", out GovernedValue data));
        Assert.Equal("policy_violation", Text(data, "kind"));
        GovernedValue opa = GovernedValue.FromJson(EventFormats.ToOpaDecision(envelope));
        Assert.Equal(envelope.EventId.ToString(), Text(opa, "decision_id"));
        Assert.True(opa.TryGetMember("result", out GovernedValue result) && result.TryGetMember("allow", out GovernedValue allow) && allow.TryGetBoolean(out bool allowed) && !allowed);
    }

    [Fact]
    public async Task A_file_holds_one_line_an_event()
    {
        string path = Path.Combine(_folder, "out.jsonl");
        using (var sink = new FileEventSink(path))
        {
            await sink.ExportAsync([Envelope("policy_check"), Envelope("policy_check")], TestContext.Current.CancellationToken);
        }

        string[] lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(2, lines.Select(EventEnvelope.Parse).Count());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Text(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value.AsString() : null;

    private static EventEnvelope Envelope(string kind, string decision = "pending") => new()
    {
        EventId = Guid.CreateVersion7(), OccurredAt = DateTimeOffset.UnixEpoch, Kind = kind, AgentId = "a", Action = "execute_tool", Decision = decision, Reason = "r",
    };

    private static async Task<GovernanceEvent> HappenedAsync()
    {
        var seen = new List<GovernanceEvent>();
        using var chain = new ChainFixture(builder => builder.AddObserver(new Recorder(seen)), new TestInterceptor("x"));
        await chain.RunAsync();
        return seen.First(happened => happened.Kind == GovernanceEventKind.PolicyCheck);
    }

    private SinkPump Pump(Sink sink, EventExportOptions options) => new(sink, options, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <summary>Moves the clock by one step at a time until the loops, which run on other threads, have come so far.</summary>
    private async Task AdvanceUntil(Func<bool> reached, TimeSpan step)
    {
        for (int i = 0; i < 10_000 && !reached(); i++)
        {
            _time.Advance(step);
            await Task.Yield();
            Thread.Yield();
        }

        Assert.True(reached());
    }

    private sealed class Recorder(List<GovernanceEvent> seen) : IGovernanceObserver
    {
        public void OnEvent(in GovernanceEvent governanceEvent) => seen.Add(governanceEvent);
    }

    private sealed class Sink(string name) : IEventSink
    {
        private readonly System.Threading.Channels.Channel<IReadOnlyList<EventEnvelope>> _batches = System.Threading.Channels.Channel.CreateUnbounded<IReadOnlyList<EventEnvelope>>();
        private readonly List<EventEnvelope> _all = [];

        public string Name => name;

        internal Func<IReadOnlyList<EventEnvelope>, EventExport> Answer { get; set; } = _ => EventExport.Exported;

        internal Task<EventExport>? AnswerLater { get; init; }

        internal int Calls { get; private set; }

        internal bool HasMore => _batches.Reader.TryPeek(out _);

        internal IReadOnlyList<EventEnvelope> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public async ValueTask<EventExport> ExportAsync(IReadOnlyList<EventEnvelope> batch, CancellationToken cancellationToken)
        {
            Calls++;
            await _batches.Writer.WriteAsync(batch, cancellationToken);
            if (AnswerLater is not null)
            {
                return await AnswerLater;
            }

            EventExport answer = Answer(batch);
            lock (_all)
            {
                _all.AddRange(batch);
            }

            return answer;
        }

        internal async Task<IReadOnlyList<EventEnvelope>> NextAsync() => await _batches.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }
}
