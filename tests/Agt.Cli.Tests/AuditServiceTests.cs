using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Export;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Cli.Audit;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class AuditServiceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("AUD-704", "AUD-706", "AUD-707")]
    public async Task Records_are_handed_in_found_and_proven_over_http()
    {
        await using Service service = await StartAsync();
        (HttpStatusCode status, JsonElement answer) = await service.PostAsync("log", """{"event_type":"tool_invocation","agent_did":"did:mesh:a","action":"read","policy_decision":"block","matched_rule":"r1","data":{"n":1}}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(64, answer.GetProperty("leaf_hash").GetString()!.Length);
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", answer.GetProperty("timestamp").GetString());
        string id = answer.GetProperty("record_id").GetString()!;

        JsonElement entry = (await service.GetAsync("entries/" + id)).Answer;
        Assert.Equal(answer.GetProperty("leaf_hash").GetString(), entry.GetProperty("leaf_hash").GetString());
        JsonElement record = entry.GetProperty("record");
        Assert.Equal(("tool_invocation", "deny", "r1", "decision"), (record.GetProperty("event_type").GetString(), record.GetProperty("decision").GetString(), record.GetProperty("matched_rule").GetString(), record.GetProperty("kind").GetString()));
        Assert.Equal(1, record.GetProperty("attributes").GetProperty("x.data").GetProperty("n").GetInt32());

        (status, answer) = await service.PostAsync("query", """{"decision":"deny","agent":"did:mesh:a","limit":10}""");
        Assert.Equal((HttpStatusCode.OK, 1, 10, 0), (status, answer.GetProperty("total").GetInt32(), answer.GetProperty("limit").GetInt32(), answer.GetProperty("offset").GetInt32()));
        Assert.Equal(id, answer.GetProperty("entries")[0].GetProperty("record").GetProperty("record_id").GetString());

        JsonElement verified = (await service.GetAsync("verify")).Answer;
        Assert.True(verified.GetProperty("valid").GetBoolean());
        JsonElement summary = (await service.GetAsync("summary")).Answer;
        Assert.Equal((1, true), (summary.GetProperty("agents").GetProperty("did:mesh:a").GetInt32(), summary.GetProperty("valid").GetBoolean()));
        Assert.Equal(1, summary.GetProperty("event_types").GetProperty("tool_invocation").GetInt32());

        string receipt;
        while (true)
        {
            using HttpResponseMessage got = await service.Http.GetAsync(new Uri("/api/v1/audit/receipts/" + id, UriKind.Relative), Cancellation);
            receipt = await got.Content.ReadAsStringAsync(Cancellation);
            if (got.StatusCode == HttpStatusCode.OK)
            {
                break;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, got.StatusCode);
            await Task.Yield();
        }

        Assert.True(Receipt.TryParse(Encoding.UTF8.GetBytes(receipt), out Receipt? parsed, out string? error), error);
        Assert.True(VerifierKey.TryParse((await File.ReadAllTextAsync(_folder["log.key.pub"], Cancellation)).Trim(), out VerifierKey? key));
        Assert.True(parsed.Verify(parsed.Extra.Span, TrustPolicy.Of(key), out error), error);
        await service.DisposeAsync();
        Assert.Equal(0, (await CliRun.Of("audit", "verify", _folder["central"], "--vkey", _folder["log.key.pub"])).Code);
    }

    [Theory]
    [InlineData("log", "{}", 422)]
    [InlineData("log", "[]", 422)]
    [InlineData("log", "nonsense", 422)]
    [InlineData("log", """{"action":"a"}""", 422)]
    [InlineData("log", """{"action":"a","agent_id":"x","kind":"hold"}""", 422)]
    [InlineData("log", """{"action":"a","agent_id":"x","kind":"config","event_type":"log.purged"}""", 422)]
    [InlineData("log", """{"action":"a","agent_id":"x","surprise":1}""", 422)]
    [InlineData("batch", "[]", 422)]
    [InlineData("batch", "{}", 422)]
    [InlineData("query", """{"limit":0}""", 422)]
    [InlineData("query", """{"limit":1001}""", 422)]
    [InlineData("query", """{"colour":"red"}""", 422)]
    [InlineData("query", """{"from":"2026-02-01","to":"2026-01-01"}""", 422)]
    [InlineData("nothing", "{}", 404)]
    [Requirement("AUD-704", "AUD-706", "AUD-109")]
    public async Task What_cannot_be_is_refused_with_the_reason(string operation, string body, int expected)
    {
        await using Service service = await StartAsync();
        (HttpStatusCode status, JsonElement answer) = await service.PostAsync(operation, body);
        Assert.Equal(expected, (int)status);
        Assert.NotEmpty(answer.GetProperty("error").GetString()!);
    }

    [Fact]
    [Requirement("AUD-704")]
    public async Task A_request_that_is_too_long_is_refused_as_such()
    {
        await using Service service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/audit/batch", UriKind.Relative)) { Content = new StringContent("[" + new string(' ', 9 * 1024 * 1024) + "]", Encoding.UTF8, "application/json") };

        // So that the answer comes before nine megabytes are on their way to somebody who has hung up.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await service.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("log", """{"action":"a","agent_id":"x"}""")).Status);
    }

    [Fact]
    [Requirement("AUD-705", "AUD-106")]
    public async Task A_batch_keeps_its_order_and_says_of_each_what_became_of_it()
    {
        await using Service service = await StartAsync();
        const string Id = "0190f3e2-0000-7000-8000-00000000000";
        string batch = $$"""{"entries":[{"action":"a1","agent_id":"x","record_id":"{{Id}}1"},{"agent_id":"x"},{"action":"a2","agent_id":"x","record_id":"{{Id}}2"},{"action":"a3","agent_id":"x"},{"action":"a1","agent_id":"x","record_id":"{{Id}}1"},{"action":"other","agent_id":"x","record_id":"{{Id}}1"},7]}""";
        (HttpStatusCode status, JsonElement answer) = await service.PostAsync("batch", batch);
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal([201, 422, 201, 201, 200, 409, 422], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal(4, answer.GetProperty("count").GetInt32());
        Assert.Equal(results[0].GetProperty("index").GetInt64(), results[4].GetProperty("index").GetInt64());
        Assert.Equal([1, 2, 3], new[] { 0, 2, 3 }.Select(at => results[at].GetProperty("index").GetInt64()));
        Assert.Equal("record_id", results[5].GetProperty("member").GetString());

        // The same again, also by a service that was started anew.
        await service.DisposeAsync();
        await using Service again = await StartAsync();
        JsonElement[] second = [.. (await again.PostAsync("batch", batch)).Answer.GetProperty("results").EnumerateArray()];
        Assert.Equal([200, 422, 200, 201, 200, 409, 422], second.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal(1, second[0].GetProperty("index").GetInt64());
    }

    [Fact]
    [Requirement("AUD-707", "AUD-117")]
    public async Task Everybody_may_do_what_they_are_known_for_and_no_more()
    {
        string reader = await TokenAsync("siem", "--role", "audit-read");
        string writer = await TokenAsync("host-1", "--role", "audit-write", "--agent", "billing-*");
        await using Service service = await StartAsync("--identities", _folder["ids.json"]);
        const string Record = """{"action":"a","agent_id":"billing-7"}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.PostAsync("log", Record)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.PostAsync("log", Record, "0000")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("log", Record, reader)).Status);
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("log", Record, writer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("query", "{}", writer)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync("query", "{}", reader)).Status);

        // Another's agent, another's emitter: refused, and recorded.
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("log", """{"action":"a","agent_id":"root"}""", writer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("log", """{"action":"a","agent_id":"billing-7","emitter_id":"host-2","emitter_seq":1}""", writer)).Status);
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("log", """{"action":"a","agent_id":"billing-7","emitter_id":"host-1/boot","emitter_seq":1}""", writer)).Status);
        JsonElement security = (await service.PostAsync("query", """{"kind":"security"}""", reader)).Answer;
        Assert.Equal(["emitter_of_another", "agent_not_of_emitter"], security.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("record").GetProperty("event_type").GetString()));

        // Hashes are for everybody; records are not.
        Assert.Equal(HttpStatusCode.OK, (await service.Http.GetAsync(new Uri("/checkpoint", UriKind.Relative), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Http.GetAsync(new Uri("/tile/entries/000.p/1", UriKind.Relative), Cancellation)).StatusCode);
        Assert.DoesNotContain(writer, await File.ReadAllTextAsync(_folder["ids.json"], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-708", "AUD-X07")]
    public async Task Too_much_is_refused_and_denials_still_come_through()
    {
        await using Service service = await StartAsync("--rate", "10");
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 60; i++)
        {
            statuses.Add((await service.PostAsync("log", """{"action":"a","agent_id":"x"}""")).Status);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        using var request = new StringContent("""{"action":"a","agent_id":"x"}""", Encoding.UTF8, "application/json");
        HttpResponseMessage refused;
        do
        {
            refused = await service.Http.PostAsync(new Uri("/api/v1/audit/log", UriKind.Relative), new StringContent("""{"action":"a","agent_id":"x"}"""), Cancellation);
        }
        while (refused.StatusCode != HttpStatusCode.TooManyRequests);

        foreach (string header in new[] { "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset" })
        {
            Assert.True(refused.Headers.Contains(header), header);
        }

        Assert.Equal("20", refused.Headers.GetValues("RateLimit-Limit").Single());
        Assert.Equal(HttpStatusCode.Created, (await service.PostAsync("log", """{"action":"a","agent_id":"x","kind":"decision","decision":"deny"}""")).Status);
    }

    [Theory]
    [InlineData("0.0.0.0:8499", "--identities")]
    [InlineData("0.0.0.0:8499", "--tls-cert and --tls-key", "--identities", "ids.json")]
    [Requirement("AUD-707")]
    public async Task Others_are_not_listened_to_without_names_or_in_clear(string listen, string advice, params string[] more)
    {
        await TokenAsync("siem", "--role", "audit-read");
        await CliRun.Of("audit", "keygen", "log.example/central", "--out", _folder["log.key"]);
        CliRun refused = await CliRun.Of(["audit", "serve", _folder["central"], "--key", _folder["log.key"], "--listen", listen, .. more.Select(argument => argument == "ids.json" ? _folder["ids.json"] : argument)]);
        Assert.Equal(AuditExitCode.Usage, refused.Code);
        Assert.Contains(advice, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-707")]
    public async Task A_client_certificate_says_who_somebody_is()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string pem = _folder.Write("tls.pem", certificate.ExportCertificatePem());
        string keyPem = _folder.Write("tls.key", key.ExportPkcs8PrivateKeyPem());
        string ids = _folder.Write("ids.json", $$"""{"identities":[{"name":"host-1","certificate_sha256":"{{Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}}","roles":["audit-write"],"agents":["a"]}]}""");
        await using Service service = await StartAsync("--identities", ids, "--tls-cert", pem, "--tls-key", keyPem);
        const string Record = """{"action":"a","agent_id":"a"}""";
        foreach (bool shown in new[] { false, true })
        {
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, presented, _, _) => presented!.RawData.SequenceEqual(certificate.RawData) };
            if (shown)
            {
                handler.ClientCertificates.Add(certificate);
            }

            using var http = new HttpClient(handler);
            using HttpResponseMessage response = await http.PostAsync(new Uri($"https://127.0.0.1:{service.Port}/api/v1/audit/log"), new StringContent(Record), Cancellation);
            Assert.Equal(shown ? HttpStatusCode.Created : HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    [Requirement("AUD-417")]
    public async Task A_log_beside_an_agent_is_the_spool_of_a_central_one()
    {
        string token = await TokenAsync("host-1", "--role", "audit-write", "--agent", "billing-*");
        int port = TestServer.FreePort();
        using var http = new HttpClient();
        var options = new AuditOptions { Directory = _folder["local"], Origin = "log.example/host-1", CheckpointCopy = _folder["local.checkpoint"] };
        await using (AuditLog log = AuditLog.Open(options))
        {
            // The centre is away at first; nothing is lost and nothing waits for it.
            RecordExporter exporter = log.AddSink(new AuditServiceSink(http, new Uri($"http://127.0.0.1:{port}"), "host-1", token), new ExportOptions { BatchSize = 7, Delay = TimeSpan.FromMilliseconds(1), BreakDuration = TimeSpan.FromMilliseconds(20) });
            for (int i = 0; i < 50; i++)
            {
                await log.AppendAsync(new AuditEvent("event", "test", "act-" + i) { Agent = AgentId.Parse("billing-7") }, Cancellation);
            }

            log.Publish();
            while (exporter.Failures == 0)
            {
                await Task.Yield();
            }

            await using Service service = await StartAsync(port, "--identities", _folder["ids.json"]);
            Assert.True(await exporter.FlushAsync(TimeSpan.FromSeconds(30)));
        }

        CliRun verified = await CliRun.Of("audit", "verify", _folder["central"], "--vkey", _folder["log.key.pub"], "--json");
        Assert.Equal(0, verified.Code);
        Assert.DoesNotContain("emitter_gap", verified.Output, StringComparison.Ordinal);
        string[] central = [.. (await CliRun.Of("audit", "query", _folder["central"], "--agent", "billing-7", "-n", "1000", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(50, central.Length);
        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => "act-" + i),
            central.Select(line => JsonDocument.Parse(line).RootElement).OrderBy(entry => entry.GetProperty("index").GetInt64()).Select(entry => entry.GetProperty("record").GetProperty("action").GetString()!));
        Assert.StartsWith("host-1/", JsonDocument.Parse(central[0]).RootElement.GetProperty("record").GetProperty("emitter_id").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"identities":[]}""")]
    [InlineData("""{"identities":[{"name":"a","roles":["audit-read"]}]}""")]
    [InlineData("""{"identities":[{"name":"a","token_sha256":"00","roles":["audit-read"]}]}""")]
    [InlineData("""{"identities":[{"name":"a b","token_sha256":"0000000000000000000000000000000000000000000000000000000000000000","roles":["audit-read"]}]}""")]
    [InlineData("""{"identities":[{"name":"a","token_sha256":"0000000000000000000000000000000000000000000000000000000000000000","roles":["root"]}]}""")]
    [InlineData("""{"identities":[{"name":"a","token_sha256":"0000000000000000000000000000000000000000000000000000000000000000","roles":["audit-read"],"admin":true}]}""")]
    public async Task A_file_of_identities_with_a_mistake_starts_nothing(string json)
    {
        await CliRun.Of("audit", "keygen", "log.example/central", "--out", _folder["log.key"]);
        CliRun refused = await CliRun.Of("audit", "serve", _folder["central"], "--key", _folder["log.key"], "--identities", _folder.Write("bad.json", json));
        Assert.Equal(AuditExitCode.Unreadable, refused.Code);
        Assert.Contains("bad.json", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-706")]
    public async Task A_service_that_only_reads_takes_nothing_and_says_that_a_log_was_changed()
    {
        string log = _folder["files"];
        await using (AuditLog written = AuditLog.Open(new AuditOptions { Directory = log, Origin = "log.example/files", CheckpointCopy = _folder["files.checkpoint"] }))
        {
            for (int i = 0; i < 300; i++)
            {
                await written.AppendAsync(new AuditEvent("event", "test", "act-" + i), Cancellation);
            }
        }

        int port = TestServer.FreePort();
        using var stop = new CancellationTokenSource();
        Task<CliRun> running = CliRun.Until(stop.Token, "audit", "serve", log, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        await TestServer.ListeningAsync(port);
        await using (var service = new Service(port, stop, running))
        {
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await service.PostAsync("log", """{"action":"a","agent_id":"x"}""")).Status);
            Assert.Equal(302, (await service.PostAsync("query", """{"offset":5,"limit":3}""")).Answer.GetProperty("total").GetInt32());
            Assert.True((await service.GetAsync("verify")).Answer.GetProperty("valid").GetBoolean());
            byte[] hashes = await File.ReadAllBytesAsync(Path.Combine(log, "checkpoint"), Cancellation);
            await File.WriteAllTextAsync(Path.Combine(log, "checkpoint"), Encoding.UTF8.GetString(hashes).Replace("\n302\n", "\n301\n", StringComparison.Ordinal), Cancellation);
            (HttpStatusCode status, JsonElement answer) = await service.GetAsync("verify");
            Assert.Equal((HttpStatusCode.Conflict, false), (status, answer.GetProperty("valid").GetBoolean()));
            Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        }
    }

    private Task<Service> StartAsync(params string[] more) => StartAsync(TestServer.FreePort(), more);

    private async Task<Service> StartAsync(int port, params string[] more)
    {
        if (!File.Exists(_folder["log.key"]))
        {
            await CliRun.Of("audit", "keygen", "log.example/central", "--out", _folder["log.key"]);
        }

        var stop = new CancellationTokenSource();
        Task<CliRun> running = CliRun.Until(stop.Token, ["audit", "serve", _folder["central"], "--key", _folder["log.key"], "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), .. more]);
        await Task.WhenAny(TestServer.ListeningAsync(port), running);
        Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Errors : string.Empty);
        return new Service(port, stop, running);
    }

    private async Task<string> TokenAsync(string name, params string[] more)
    {
        CliRun made = await CliRun.Of(["audit", "token", name, "--identities", _folder["ids.json"], .. more]);
        Assert.Equal((0, string.Empty), (made.Code, made.Errors));
        return made.Output.Split('\n')[1].Trim();
    }

    private sealed class Service(int port, CancellationTokenSource stop, Task<CliRun> running) : IAsyncDisposable
    {
        private bool _stopped;

        internal int Port => port;

        internal HttpClient Http { get; } = new() { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };

        internal async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string operation, string body, string? token = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/audit/" + operation, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using HttpResponseMessage response = await Http.SendAsync(request, Cancellation);
            return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
        }

        internal async Task<(HttpStatusCode Status, JsonElement Answer)> GetAsync(string operation)
        {
            using HttpResponseMessage response = await Http.GetAsync(new Uri("/api/v1/audit/" + operation, UriKind.Relative), Cancellation);
            return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
        }

        public async ValueTask DisposeAsync()
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            await stop.CancelAsync();
            await running;
            Http.Dispose();
            stop.Dispose();
        }
    }
}
