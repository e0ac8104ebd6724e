using System.Net;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Witnessing;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class AuditServerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("AUD-318", "AUD-313", "AUD-710")]
    public async Task A_log_asks_a_witness_over_the_network_and_its_reader_can_ask_for_it()
    {
        await CliRun.Of("audit", "keygen", "log.example/net", "--out", _folder["log.key"]);
        await CliRun.Of("audit", "keygen", "witness.example", "--witness", "--out", _folder["witness.key"]);
        Assert.True(VerifierKey.TryParse((await File.ReadAllTextAsync(_folder["witness.key.pub"], TestContext.Current.CancellationToken)).Trim(), out VerifierKey? witness));
        int port = TestServer.FreePort();
        using var stop = new CancellationTokenSource();
        Task<CliRun> running = CliRun.Until(stop.Token, "audit", "witness", "--key", _folder["witness.key"], "--log", _folder["log.key.pub"], "--state", _folder["state"], "--listen", $"127.0.0.1:{port}");
        await TestServer.ListeningAsync(port);
        await WriteAsync(new WitnessEndpoint(witness, new Uri($"http://127.0.0.1:{port}/")));
        await stop.CancelAsync();
        CliRun ended = await running;
        Assert.Contains("listening on", ended.Output, StringComparison.Ordinal);

        string policy = _folder.Write("trust.txt", $"log {(await File.ReadAllTextAsync(_folder["log.key.pub"], TestContext.Current.CancellationToken)).Trim()}\nwitness w {witness}\nquorum w\n");
        CliRun verified = await CliRun.Of("audit", "verify", _folder["log"], "--policy", policy);
        Assert.True(verified.Code == 0, verified.Output);
        Assert.DoesNotContain("unwitnessed", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-319")]
    public async Task A_log_is_served_as_tiles_and_nothing_else()
    {
        await CliRun.Of("audit", "keygen", "log.example/net", "--out", _folder["log.key"]);
        await WriteAsync(null);
        int port = TestServer.FreePort();
        using var stop = new CancellationTokenSource();
        Task<CliRun> running = CliRun.Until(stop.Token, "audit", "serve", _folder["log"], "--listen", $"127.0.0.1:{port}");
        await TestServer.ListeningAsync(port);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        Assert.StartsWith("log.example/net\n22\n", await http.GetStringAsync(new Uri("checkpoint", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(22 * 32, (await http.GetByteArrayAsync(new Uri("tile/0/000.p/22", UriKind.Relative), TestContext.Current.CancellationToken)).Length);
        Assert.NotEmpty(await http.GetByteArrayAsync(new Uri("tile/entries/000.p/22", UriKind.Relative), TestContext.Current.CancellationToken));
        foreach (string path in new[] { "tile/0/000", "tile/0/000.p/23", "tile/0/001.p/1", "tile/1/000.p/1", "tile/63/000", "log.key", "tile/0/..%2f..%2flog.key", "segments/0000000000000000.seg" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(new Uri("checkpoint", UriKind.Relative), null, TestContext.Current.CancellationToken)).StatusCode);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, (await running).Code);
    }

    private async Task WriteAsync(WitnessEndpoint? witness)
    {
        Assert.True(AuditKey.TryParse(await File.ReadAllTextAsync(_folder["log.key"]), out AuditKey? key));
        using (key)
        {
            var options = new AuditOptions { Origin = key.Key.Name };
            if (witness is not null)
            {
                options.Witnesses.Add(witness);
            }

            await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(_folder["log"]), key, options);
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => log.AppendAsync(new AuditEvent("event", "test", "act")).AsTask()));
        }
    }
}
