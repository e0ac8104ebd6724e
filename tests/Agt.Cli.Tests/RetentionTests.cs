using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class RetentionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("AUD-608", "AUD-609", "AUD-610", "AUD-612")]
    [Requirement("AUD-710")]
    public async Task What_is_old_goes_into_the_archive_unless_it_is_held()
    {
        string log = await LogAsync();
        string key = _folder["log.key"];
        string archive = _folder["archive"];

        CliRun placed = await CliRun.Of("audit", "hold", "place", log, "case-7", "--reason", "[red]order[/]", "--agent", "agent-400", "--actor", "legal", "--key", key);
        Assert.Equal((0, "'case-7' holds; the record of it is in the log\n", string.Empty), (placed.Code, placed.Output, placed.Errors));
        CliRun list = await CliRun.Of("audit", "hold", "list", log);
        Assert.Equal((0, "case-7: agent agent-400, since record 603 by legal: [red]order[/]\n"), (list.Code, list.Output));
        Assert.Equal("case-7", JsonDocument.Parse((await CliRun.Of("audit", "hold", "list", log, "--json")).Output).RootElement.GetProperty("holds")[0].GetProperty("name").GetString());

        CliRun dry = await CliRun.Of("audit", "purge", log, "--actor", "ops", "--dry-run");
        Assert.Equal((0, "would drop 256 records, 0 to 255; their hashes stay\nrecord 401 has to stay: the legal hold 'case-7'\n"), (dry.Code, dry.Output));
        CliRun none = await CliRun.Of("audit", "purge", log, "--actor", "ops", "--older-than", "30000", "--dry-run");
        Assert.StartsWith("nothing to drop\nrecord 0 has to stay: records of the kind 'config' are kept for 30000 days", none.Output, StringComparison.Ordinal);

        CliRun purged = await CliRun.Of("audit", "purge", log, "--actor", "ops", "--archive", archive, "--key", key, "--json");
        Assert.Equal((0, string.Empty), (purged.Code, purged.Errors));
        JsonElement result = JsonDocument.Parse(purged.Output).RootElement;
        Assert.Equal((256, 401), (result.GetProperty("first").GetInt32(), result.GetProperty("stopped_at").GetInt32()));
        Assert.Equal(64, result.GetProperty("archive_manifest_sha256").GetString()!.Length);

        Assert.Equal(0, (await CliRun.Of("audit", "verify", log, "--vkey", _folder["log.key.pub"])).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", archive, "--vkey", _folder["log.key.pub"])).Code);
        CliRun gone = await CliRun.Of("audit", "show", log, "3");
        Assert.Equal(AuditExitCode.Unreadable, gone.Code);
        Assert.Contains("keeps its records from 256", gone.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.Of("audit", "show", archive, "3")).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "query", log, "--agent", "agent-400")).Code);

        CliRun released = await CliRun.Of("audit", "hold", "release", log, "case-7", "--reason", "closed", "--actor", "legal", "--key", key);
        Assert.Equal((0, "'case-7' is released; the record of it is in the log\n"), (released.Code, released.Output));
        Assert.Equal("nothing is held\n", (await CliRun.Of("audit", "hold", "list", log)).Output);
        CliRun again = await CliRun.Of("audit", "archive", log, archive, "--vkey", _folder["log.key.pub"]);
        Assert.Equal((0, string.Empty), (again.Code, again.Errors));
    }

    [Fact]
    [Requirement("AUD-608")]
    public async Task What_is_wrong_is_said_and_nothing_is_dropped()
    {
        string log = await LogAsync();
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "purge", log, "--actor", "ops", "--older-than", "0", "--dry-run")).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "purge", log, "--older-than", "1")).Code);
        CliRun high = await CliRun.Of("audit", "purge", log, "--actor", "ops", "--older-than", "90", "--high-risk", "--key", _folder["log.key"]);
        Assert.Equal(AuditExitCode.Unreadable, high.Code);
        Assert.Contains("183 days at least", high.Errors, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "hold", "release", log, "none", "--reason", "r", "--actor", "a", "--key", _folder["log.key"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "hold", "place", log, "no name", "--reason", "r", "--actor", "a", "--key", _folder["log.key"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "hold", "list", _folder["nowhere"])).Code);
        CliRun other = await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["other.key"]);
        Assert.Equal(0, other.Code);
        Assert.Equal(AuditExitCode.Tampered, (await CliRun.Of("audit", "archive", log, _folder["a"], "--vkey", _folder["other.key.pub"])).Code);
    }

    [Fact]
    [Requirement("AUD-218")]
    public async Task A_chain_of_the_older_toolkit_is_imported_once_and_only_whole()
    {
        const string Line = """{"entry_id": "audit_1", "timestamp": "2026-01-02T03:04:05+00:00", "event_type": "data_access", "agent_did": "did:mesh:abc", "action": "read", "resource": null, "data": {}, "outcome": "success", "previous_hash": "", "entry_hash": "5381f43e46e1803454761bbdd17e869e840e2e2c1c8e1a27aafe9d3c83ab1332"}""";
        string log = await LogAsync();
        string chain = _folder["old.jsonl"];
        await File.WriteAllTextAsync(chain, Line + "\n", TestContext.Current.CancellationToken);
        string[] import = ["audit", "import", log, chain, "--actor", "ops", "--key", _folder["log.key"]];
        Assert.Equal("verified: 1 entries\n", (await CliRun.Of([.. import, "--check"])).Output);
        CliRun done = await CliRun.Of(import);
        Assert.Equal((0, "verified and imported: 1 entries\n", string.Empty), (done.Code, done.Output, done.Errors));
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of(import)).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", log, "--vkey", _folder["log.key.pub"])).Code);
        await File.WriteAllTextAsync(chain, Line.Replace("read", "write", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        CliRun changed = await CliRun.Of(import);
        Assert.Equal(AuditExitCode.Tampered, changed.Code);
        Assert.Contains("line 1", changed.Errors, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "import", log, _folder["none"], "--actor", "ops")).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("AUD-415")]
    public async Task A_log_is_made_again_from_its_backup_and_goes_on(bool sqlite)
    {
        string log = await LogAsync();
        string key = _folder["log.key.pub"];
        Assert.Equal(0, (await CliRun.Of("audit", "publish", log, _folder["backup"])).Code);
        string[] form = sqlite ? ["--sqlite"] : [];
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of(["audit", "restore", _folder["backup"], _folder["again"], .. form])).Code);
        CliRun restored = await CliRun.Of(["audit", "restore", _folder["backup"], _folder["again"], "--vkey", key, .. form]);
        Assert.Equal((0, string.Empty), (restored.Code, restored.Errors));
        Assert.Contains("602 records", restored.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", _folder["again"], "--vkey", key)).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "hold", "place", _folder["again"], "h", "--reason", "r", "--actor", "a", "--key", _folder["log.key"])).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", _folder["again"], "--vkey", key)).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of(["audit", "restore", _folder["backup"], _folder["again"], "--vkey", key, .. form])).Code);

        string bundle = Path.Combine(_folder["backup"], "tile", "entries", "000");
        byte[] bytes = await File.ReadAllBytesAsync(bundle, TestContext.Current.CancellationToken);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes, TestContext.Current.CancellationToken);
        CliRun changed = await CliRun.Of(["audit", "restore", _folder["backup"], _folder["other"], "--vkey", key, .. form]);
        Assert.Equal(AuditExitCode.Tampered, changed.Code);
        Assert.NotEqual(0, (await CliRun.Of("audit", "verify", _folder["other"], "--vkey", key)).Code);
    }

    [Fact]
    [Requirement("AUD-312")]
    public async Task The_key_of_a_log_is_replaced()
    {
        string log = await LogAsync();
        string old = (await File.ReadAllTextAsync(_folder["log.key.pub"], TestContext.Current.CancellationToken)).Trim();
        CliRun rotated = await CliRun.Of("audit", "rotate-key", log, "--actor", "ops", "--key", _folder["log.key"]);
        Assert.Equal((0, string.Empty), (rotated.Code, rotated.Errors));
        string key = (await File.ReadAllTextAsync(_folder["log.key.pub"], TestContext.Current.CancellationToken)).Trim();
        Assert.NotEqual(old, key);
        Assert.EndsWith(key + "\n", rotated.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", log, "--vkey", key)).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", log, "--vkey", old)).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "rotate-key", log, "--actor", "ops", "--overlap", "400")).Code);
    }

    /// <summary>A log of 600 events of the year 2020, each by an agent of its own.</summary>
    private async Task<string> LogAsync()
    {
        CliRun key = await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["log.key"]);
        Assert.Equal(0, key.Code);
        Assert.True(AuditKey.TryParse(await File.ReadAllTextAsync(_folder["log.key"], TestContext.Current.CancellationToken), out AuditKey? signer));
        using (signer)
        {
            var start = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var options = new AuditOptions { Directory = _folder["log"], Origin = signer.Key.Name, CheckpointCopy = _folder["log.checkpoint"] };
            await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(options.Directory), signer, options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(start));
            Task<long>[] records = [.. Enumerable.Range(0, 600).Select(i => log.AppendAsync(new AuditEvent("event", "test", "act") { Agent = AgentId.Parse("agent-" + i), OccurredAt = start.AddMinutes(i) }).AsTask())];
            await log.FlushAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(records);
        }

        return _folder["log"];
    }
}
