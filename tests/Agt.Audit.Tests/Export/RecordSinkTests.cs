using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Agt.Audit.Export;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Queries;
using Agt.Audit.Tests.Log;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Agt.Audit.Tests.Export;

public sealed class RecordSinkTests : IDisposable
{
    private const string Denied = """
        {"action":"Mail.Send","agent_did":"did:mesh:a","attributes":{"agt.call_id":"call_1","agt.operation":"execute_tool","x.n":7},"decision":"deny","event_type":"governance_decision","kind":"decision","latency_ns":1500000,"occurred_at":"2026-01-02T03:04:05.000001Z","reason":"no","record_id":"0190f3e2-0000-7000-8000-000000000001","session_id":"s1","span_id":"00f067aa0ba902b7","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","v":1}
        """;

    private readonly LogFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Requirement("AUD-502")]
    public async Task Lines_are_appended_whole_to_a_file_that_only_its_owner_reads()
    {
        string path = Path.Combine(_fixture.Root, "records.jsonl");
        await File.WriteAllTextAsync(path, "{\"old\":1}\n{\"torn", Cancellation);
        var sink = new JsonLinesRecordSink(path);
        Assert.Equal(SinkResult.Success, await sink.WriteAsync(Batch(0, "{\"a\":1}", "{\"a\":2}"), Cancellation));
        Assert.Equal(SinkResult.Success, await new JsonLinesRecordSink(path).WriteAsync(Batch(2, "{\"a\":3}"), Cancellation));
        Assert.Equal("{\"old\":1}\n{\"torn\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", await File.ReadAllTextAsync(path, Cancellation));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.Throws<ArgumentException>(() => new JsonLinesRecordSink(path, RecordFormat.OpenTelemetry));
        string events = Path.Combine(_fixture.Root, "events.jsonl");
        await new JsonLinesRecordSink(events, RecordFormat.CloudEvents).WriteAsync(Batch(4, Denied), Cancellation);
        Assert.Equal("4", JsonDocument.Parse((await File.ReadAllLinesAsync(events, Cancellation)).Single()).RootElement.GetProperty("agtlogindex").GetString());
    }

    [Theory]
    [InlineData(LoggerRecordSink.DefaultCategory)]
    [InlineData("audit.mine")]
    [Requirement("AUD-503", "AUD-501")]
    public async Task A_logger_gets_a_message_a_record(string category)
    {
        var collector = new FakeLogCollector();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(collector)));
        await new LoggerRecordSink(loggers, category).WriteAsync(Batch(5, "{\"a\":1}", "{\"a\":2}"), Cancellation);
        Assert.Equal(
            [(category, LogLevel.Information, "5 {\"a\":1}"), (category, LogLevel.Information, "6 {\"a\":2}")],
            collector.GetSnapshot().Select(record => (record.Category!, record.Level, record.Message)));
    }

    [Fact]
    [Requirement("AUD-501")]
    public async Task Memory_keeps_what_it_got_in_order()
    {
        var sink = new MemoryRecordSink("m");
        for (int i = 0; i < 150; i++)
        {
            await sink.WriteAsync(Batch(i, "{}"), Cancellation);
        }

        Assert.Equal(Enumerable.Range(0, 150).Select(i => (long)i), sink.Entries.Select(entry => entry.Index));
    }

    [Fact]
    [Requirement("AUD-954", "AUD-955")]
    public void OpenTelemetry_gets_the_record_with_its_own_time_and_trace()
    {
        var output = new ArrayBufferWriter<byte>();
        OpenTelemetryLogs.Write(output, new OpenTelemetryResource(), Batch(9, Denied, "{\"decision\":\"allow\",\"v\":1}", "{\"severity\":\"critical\",\"v\":1}", "no json").Records);
        JsonElement resource = JsonDocument.Parse(output.WrittenMemory).RootElement.GetProperty("resourceLogs")[0];
        Assert.Equal("agent-governance-toolkit", Attributes(resource.GetProperty("resource"))["service.name"]);
        JsonElement scope = resource.GetProperty("scopeLogs")[0];
        Assert.Equal("agent_os.governance.audit", scope.GetProperty("scope").GetProperty("name").GetString());
        JsonElement[] records = [.. scope.GetProperty("logRecords").EnumerateArray()];
        Assert.Equal([("WARN", 13), ("INFO", 9), ("ERROR", 17), ("INFO", 9)], records.Select(record => (record.GetProperty("severityText").GetString()!, record.GetProperty("severityNumber").GetInt32())));
        Assert.Equal(
            ("1767323045000001000", "agt.decision", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"),
            (records[0].GetProperty("timeUnixNano").GetString(), records[0].GetProperty("eventName").GetString(), records[0].GetProperty("traceId").GetString(), records[0].GetProperty("spanId").GetString()));
        Dictionary<string, string> attributes = Attributes(records[0]);
        foreach ((string name, string value) in new[]
        {
            ("event.domain", "agent_os.governance"), ("event.name", "audit_entry"), ("agt.audit.event_type", "governance_decision"), ("agt.audit.action", "Mail.Send"), ("agt.audit.decision", "deny"),
            ("agt.audit.reason", "no"), ("agt.audit.latency_ms", "1.5"), ("agt.agent.id", "did:mesh:a"), ("agt.audit.meta.x.n", "7"), ("agt.audit.log_index", "9"),
            ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "Mail.Send"), ("gen_ai.tool.call.id", "call_1"), ("gen_ai.agent.id", "did:mesh:a"), ("gen_ai.conversation.id", "s1"),
        })
        {
            Assert.Equal(value, attributes[name]);
        }

        Assert.DoesNotContain("gen_ai.operation.name", Attributes(records[1]).Keys);
    }

    [Theory]
    [InlineData(RecordFormat.OpenTelemetry, "application/json", "{\"resourceLogs\"")]
    [InlineData(RecordFormat.CloudEvents, "application/cloudevents-batch+json", "[{\"specversion\"")]
    [InlineData(RecordFormat.Ocsf, "application/json", "[{\"category_uid\"")]
    [InlineData(RecordFormat.Record, "application/x-ndjson", "{\"action\"")]
    [Requirement("AUD-508")]
    public async Task A_collector_gets_a_batch_in_its_form(RecordFormat format, string type, string start)
    {
        var collector = new Collector(_ => HttpStatusCode.OK);
        Assert.Equal(SinkResult.Success, await Sink(collector, format).WriteAsync(Batch(1, Denied, Denied), Cancellation));
        (string contentType, string body) = Assert.Single(collector.Requests);
        Assert.Equal(type, contentType);
        Assert.StartsWith(start, body, StringComparison.Ordinal);
        if (format == RecordFormat.Record)
        {
            Assert.Equal(Denied + "\n" + Denied + "\n", body);
        }
        else
        {
            Assert.NotEqual(JsonValueKind.Undefined, JsonDocument.Parse(body).RootElement.ValueKind);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task What_may_work_later_is_a_failure(HttpStatusCode status) =>
        Assert.Equal(SinkResult.Failure, await Sink(new Collector(_ => status), RecordFormat.Record).WriteAsync(Batch(1, Denied, Denied), Cancellation));

    [Fact]
    [Requirement("AUD-508", "AUD-515")]
    public async Task One_record_that_a_collector_never_takes_costs_no_other()
    {
        var collector = new Collector(body => body.Contains("poison", StringComparison.Ordinal) ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.Accepted);
        HttpRecordSink sink = Sink(collector, RecordFormat.Record);
        Assert.Equal(SinkResult.Success, await sink.WriteAsync(Batch(1, "{\"a\":1}", "{\"poison\":1}", "{\"a\":2}"), Cancellation));
        Assert.Equal(["{\"a\":1}\n", "{\"a\":2}\n"], collector.Requests.Where(request => !request.Body.Contains("poison", StringComparison.Ordinal)).Select(request => request.Body));
        Assert.Equal(SinkResult.Dropped, await sink.WriteAsync(Batch(1, "{\"poison\":1}"), Cancellation));
    }

    [Fact]
    public void Records_are_not_sent_over_a_network_in_clear()
    {
        using var http = new HttpClient();
        Assert.Throws<ArgumentException>(() => new HttpRecordSink(http, new Uri("http://collector.example/v1/logs"), RecordFormat.OpenTelemetry));
        Assert.Throws<ArgumentException>(() => new HttpRecordSink(http, new Uri("ftp://localhost/x"), RecordFormat.OpenTelemetry));
        Assert.Equal("http", new HttpRecordSink(http, new Uri("http://localhost:4318/v1/logs"), RecordFormat.OpenTelemetry).Name);
    }

    private static HttpRecordSink Sink(Collector collector, RecordFormat format) => new(new HttpClient(collector), new Uri("https://collector.example/in"), format);

    private static RecordBatch Batch(long first, params string[] leaves) =>
        new(new Checkpoint("log.example/test", 100, MerkleTree.EmptyRoot), [.. leaves.Select((leaf, i) => new AuditEntry(first + i, Encoding.UTF8.GetBytes(leaf)))]);

    private static Dictionary<string, string> Attributes(JsonElement element) => element.GetProperty("attributes").EnumerateArray().ToDictionary(
        attribute => attribute.GetProperty("key").GetString()!, attribute => attribute.GetProperty("value").EnumerateObject().Single().Value.ToString(), StringComparer.Ordinal);

    private sealed class Collector(Func<string, HttpStatusCode> answer) : HttpMessageHandler
    {
        internal List<(string Type, string Body)> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Requests.Add((request.Content.Headers.ContentType!.ToString(), body));
            return new HttpResponseMessage(answer(body));
        }
    }
}
