using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class AuditTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("AUD-709", "AUD-710")]
    public async Task A_log_is_made_verified_and_found_out_when_it_is_changed()
    {
        string log = await LogAsync(20);
        string key = _folder["log.key.pub"];

        CliRun good = await CliRun.Of("audit", "verify", log, "--vkey", key);
        Assert.Equal((AuditExitCode.Verified, string.Empty), (good.Code, good.Errors));
        Assert.StartsWith("verified: log.example/cli", good.Output, StringComparison.Ordinal);
        CliRun json = await CliRun.Of("audit", "verify", log, "--vkey", (await File.ReadAllTextAsync(key, TestContext.Current.CancellationToken)).Trim(), "--json");
        Assert.Equal("verified", JsonDocument.Parse(json.Output).RootElement.GetProperty("result").GetString());
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("audit", "verify", log)).Code);

        string segment = Directory.GetFiles(Path.Combine(log, "segments"), "*.seg").Single();
        byte[] bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
        CliRun bad = await CliRun.Of("audit", "verify", log, "--vkey", key);
        Assert.Equal(AuditExitCode.Tampered, bad.Code);
        Assert.Matches("damaged|cut off", bad.Errors + bad.Output);
    }

    [Fact]
    [Requirement("AUD-709")]
    public async Task Exit_codes_tell_apart_what_is_wrong()
    {
        string log = await LogAsync(3);
        await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["other.key"]);
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("audit", "verify", log, "--vkey", _folder["other.key.pub"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "verify", _folder["nowhere"], "--vkey", _folder["log.key.pub"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "verify", log, "--vkey", _folder["nowhere.pub"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "verify", log, "--policy", _folder["log.key.pub"])).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "verify")).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "verify", log, "--vkey", "x", "--policy", "y")).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "show", log, "99")).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["other.key"])).Code);
    }

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public async Task What_a_decision_was_made_from_is_written_in_the_forms_of_other_tools()
    {
        string log = await LogAsync(3);
        CliRun none = await CliRun.Of("audit", "bom", log, "1");
        Assert.Equal((AuditExitCode.Unreadable, string.Empty), (none.Code, none.Output));
        Assert.Contains("is no decision", none.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-710", "AUD-322")]
    public async Task A_receipt_travels_alone()
    {
        string log = await LogAsync(10);
        CliRun proved = await CliRun.Of("audit", "prove", log, "4", "--out", _folder["r.tlog-proof"]);
        Assert.Equal(AuditExitCode.Verified, proved.Code);
        CliRun good = await CliRun.Of("audit", "check", _folder["r.tlog-proof"], "--vkey", _folder["log.key.pub"]);
        Assert.Equal(AuditExitCode.Verified, good.Code);
        Assert.Contains("act-3", good.Output, StringComparison.Ordinal);
        string id = JsonDocument.Parse((await CliRun.Of("audit", "show", log, "4", "--json")).Output).RootElement.GetProperty("record_id").GetString()!;
        CliRun byId = await CliRun.Of("audit", "prove", log, id);
        Assert.Equal(await File.ReadAllTextAsync(_folder["r.tlog-proof"], TestContext.Current.CancellationToken), byId.Output);
        await File.WriteAllTextAsync(_folder["other.json"], "{}", TestContext.Current.CancellationToken);
        Assert.Equal(AuditExitCode.Tampered, (await CliRun.Of("audit", "check", _folder["r.tlog-proof"], "--vkey", _folder["log.key.pub"], "--leaf", _folder["other.json"])).Code);
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("audit", "check", _folder["r.tlog-proof"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("audit", "check", _folder["log.key.pub"], "--vkey", _folder["log.key.pub"])).Code);
    }

    [Fact]
    [Requirement("AUD-703", "AUD-702")]
    public async Task Records_are_found_shown_and_exported()
    {
        string log = await LogAsync(10);
        Assert.Equal(["log.stopped", "test", "test"], (await CliRun.Of("audit", "tail", log, "-n", "3", "--json")).Lines.Select(Event).Reverse());
        Assert.Equal(5, (await CliRun.Of("audit", "query", log, "--kind", "event", "-n", "5", "--json")).Lines.Count);
        CliRun one = await CliRun.Of("audit", "query", log, "--action", "act-7", "--json");
        Assert.Equal(8, JsonDocument.Parse(Assert.Single(one.Lines)).RootElement.GetProperty("index").GetInt32());
        Assert.Empty((await CliRun.Of("audit", "query", log, "--to", "2020-01-01")).Lines);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("audit", "query", log, "-n", "0")).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "publish", log, _folder["public"])).Code);
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("audit", "verify", _folder["public"], "--vkey", _folder["log.key.pub"])).Code);
        JsonElement export = JsonDocument.Parse((await CliRun.Of("audit", "export", log, "--proofs")).Output).RootElement;
        Assert.Equal((12, 12, 12), (export.GetProperty("entry_count").GetInt32(), export.GetProperty("entries").GetArrayLength(), export.GetProperty("proofs").GetArrayLength()));

        static string Event(string line) => JsonDocument.Parse(line).RootElement.GetProperty("record").GetProperty("event_type").GetString()!;
    }

    [Fact]
    [Requirement("AUD-957", "AUD-516")]
    [Requirement("AUD-951", "AUD-952", "AUD-953", "AUD-956")]
    public async Task Other_systems_get_every_record_once_and_go_on_where_they_stopped()
    {
        string log = await LogAsync(5);
        string[] export = ["audit", "export", log, "--format", "cloudevents", "--cursor", _folder["cursor"]];
        CliRun first = await CliRun.Of(export);
        Assert.Equal((0, 7), (first.Code, first.Lines.Count));
        JsonElement started = JsonDocument.Parse(first.Lines[0]).RootElement;
        Assert.Equal(("1.0", "log.example/cli", "ai.agentmesh.log.started", "log"), (Text(started, "specversion"), Text(started, "source"), Text(started, "type"), Text(started, "subject")));
        Assert.Equal(("0", "7"), (Text(started, "agtlogindex"), Text(started, "agttreesize")));
        Assert.Equal(Text(started.GetProperty("data"), "record_id"), Text(started, "id"));
        Assert.Equal(64, Text(started, "agentmeshentryhash").Length);
        Assert.True(started.GetProperty("time").TryGetDateTimeOffset(out _));
        Assert.Empty((await CliRun.Of(export)).Lines);
        _folder.Write("cursor", "another.log\n3\n");
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of(export)).Code);

        CliRun ocsf = await CliRun.Of("audit", "export", log, "--format", "ocsf");
        JsonElement activity = JsonDocument.Parse(ocsf.Lines[1]).RootElement;
        Assert.Equal((6, 6003, 600399, 1), (activity.GetProperty("category_uid").GetInt32(), activity.GetProperty("class_uid").GetInt32(), activity.GetProperty("type_uid").GetInt32(), activity.GetProperty("severity_id").GetInt32()));
        Assert.Equal(Text(activity.GetProperty("attestation").GetProperty("fingerprint"), "value"), Text(JsonDocument.Parse(first.Lines[1]).RootElement, "agentmeshentryhash"));
        Assert.Equal(7, (await CliRun.Of("audit", "export", log, "--format", "jsonl")).Lines.Count);

        static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    }

    [Fact]
    [Requirement("AUD-709", "AUD-710")]
    public async Task A_log_in_a_database_is_read_like_one_in_files()
    {
        string path = _folder["db"];
        var options = new AuditOptions { Directory = path, Origin = "log.example/db", CheckpointCopy = _folder["db.checkpoint"], OpenStore = static options => Agt.Storage.Sqlite.SqliteAuditStore.Open(options.Directory) };
        await using (AuditLog log = AuditLog.Open(options))
        {
            await log.AppendAsync(new AuditEvent("event", "test", "act"), TestContext.Current.CancellationToken);
        }

        string key = Path.Combine(path, "log.key.pub");
        CliRun good = await CliRun.Of("audit", "verify", path, "--vkey", key);
        Assert.Equal((0, string.Empty), (good.Code, good.Errors));
        Assert.Contains("act", (await CliRun.Of("audit", "query", path, "--kind", "event")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.Of("audit", "hold", "place", path, "h", "--reason", "r", "--actor", "a")).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "publish", path, _folder["public"])).Code);
        Assert.Equal(0, (await CliRun.Of("audit", "verify", _folder["public"], "--vkey", key)).Code);
        CliRun nowhere = await CliRun.Of("audit", "verify", "postgres:Host=127.0.0.1;Port=1;Database=x;Username=u;Password=secret;Timeout=1", "--vkey", key);
        Assert.Equal(AuditExitCode.Unreadable, nowhere.Code);
        Assert.DoesNotContain("secret", nowhere.Errors, StringComparison.Ordinal);
    }

    private async Task<string> LogAsync(int events)
    {
        Assert.Equal(0, (await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["log.key"])).Code);
        Assert.True(AuditKey.TryParse(await File.ReadAllTextAsync(_folder["log.key"]), out AuditKey? key));
        using (key)
        {
            string directory = _folder["log"];
            await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(directory), key, new AuditOptions { Origin = key.Key.Name });
            for (int i = 0; i < events; i++)
            {
                await log.AppendAsync(new AuditEvent("event", "test", "act-" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            }

            return directory;
        }
    }
}
