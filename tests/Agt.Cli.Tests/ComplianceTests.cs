using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class ComplianceTests : IDisposable
{
    private const string Hostile = "<script>alert(1)</script>|x\n";
    private readonly TempFolder _folder = new();

    private string Log => _folder["log"];

    private string Key => _folder["log.key"];

    private string PublicKey => _folder["log.key.pub"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("CMP-010", "CMP-014")]
    public async Task A_report_is_written_in_every_form_and_what_is_signed_verifies()
    {
        await LogAsync();
        foreach (string file in new[] { "r.json", "r.md", "r.html" })
        {
            CliRun run = await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-f", "all", "-o", _folder[file]);
            Assert.Equal((AuditExitCode.Verified, string.Empty), (run.Code, run.Errors));
            Assert.Contains("not assessed", run.Output, StringComparison.Ordinal);
            string text = await File.ReadAllTextAsync(_folder[file]);
            Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        }

        CliRun unsigned = await CliRun.Of("compliance", "verify", _folder["r.json"], "--vkey", PublicKey);
        Assert.Equal(AuditExitCode.NotTrusted, unsigned.Code);
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("compliance", "verify", _folder["r.json"], "--vkey", PublicKey, "--allow-unsigned")).Code);
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-f", "all", "--key", Key, "--record", "-o", _folder["s.json"])).Code);
        Assert.Contains("compliance.report", (await CliRun.Of("audit", "query", Log, "--kind", "commitment", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--record")).Code);
        CliRun signed = await CliRun.Of("compliance", "verify", _folder["s.json"], "--vkey", PublicKey, "--json");
        Assert.Equal(AuditExitCode.Verified, signed.Code);
        Assert.True(JsonDocument.Parse(signed.Output).RootElement.GetProperty("signed").GetBoolean());

        string nicer = (await File.ReadAllTextAsync(_folder["r.json"])).Replace("\"not_assessed\": 10", "\"not_assessed\": 9", StringComparison.Ordinal);
        CliRun bad = await CliRun.Of("compliance", "verify", _folder.Write("n.json", nicer), "--vkey", PublicKey, "--allow-unsigned");
        Assert.Equal(AuditExitCode.Tampered, bad.Code);
        CliRun piped = await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--json");
        Assert.Equal("agt.compliance-report/1", JsonDocument.Parse(piped.Output).RootElement.GetProperty("schema").GetString());
    }

    [Fact]
    [Requirement("CMP-014")]
    public async Task Exit_codes_tell_apart_what_is_wrong_and_a_bad_log_gives_no_report()
    {
        await LogAsync();
        await CliRun.Of("audit", "keygen", "log.example/cli", "--out", _folder["other.key"]);
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("compliance", "report", Log)).Code);
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("compliance", "report", Log, "--vkey", _folder["other.key.pub"])).Code);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("compliance", "report", _folder["nowhere"], "--vkey", PublicKey)).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-f", "soc3")).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--from", "yesterday")).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--from", "2026-02-01", "--to", "2026-01-01")).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--key", Key, "-o", _folder["r.html"])).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-o", _folder["r.txt"])).Code);

        string segment = Directory.GetFiles(Path.Combine(Log, "segments"), "*.seg").Single();
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        CliRun tampered = await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-o", _folder["never.json"]);
        Assert.Equal(AuditExitCode.Tampered, tampered.Code);
        Assert.False(File.Exists(_folder["never.json"]));
    }

    [Fact]
    [Requirement("CMP-001")]
    public async Task Packs_are_listed_shown_and_checked()
    {
        CliRun list = await CliRun.Of("compliance", "packs", "list", "--json");
        Assert.Equal(8, JsonDocument.Parse(list.Output).RootElement.GetArrayLength());
        Assert.Contains("EUAI-ART14", (await CliRun.Of("compliance", "packs", "show", "eu_ai_act")).Output, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "packs", "show", "nothing")).Code);
        const string Own = "schema: agt-compliance-pack/v1\nframework: acme\ntitle: Acme\nversion: 1\nsource: house rules\nreviewed: 2026-11-01\ncontrols:\n  - id: A1\n    title: t\n    category: c\n    description: d\n    checks:\n      - { text: t, among: CHECK }\n";
        string good = _folder.Write("good.yaml", Own.Replace("CHECK", "decisions", StringComparison.Ordinal));
        string bad = _folder.Write("bad.yaml", Own.Replace("CHECK", "decisionz", StringComparison.Ordinal));
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("compliance", "packs", "check", good)).Code);
        CliRun wrong = await CliRun.Of("compliance", "packs", "check", bad);
        Assert.Equal(AuditExitCode.Tampered, wrong.Code);
        Assert.Contains("bad.yaml:13:", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'decisions'?", wrong.Errors, StringComparison.Ordinal);
        await LogAsync();
        Directory.CreateDirectory(_folder["packs"]);
        File.Copy(good, Path.Combine(_folder["packs"], "good.yaml"));
        Assert.Contains("A1", (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--packs", _folder["packs"], "-f", "acme")).Output, StringComparison.Ordinal);
        File.Copy(bad, Path.Combine(_folder["packs"], "bad.yaml"));
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "--packs", _folder["packs"], "-f", "acme")).Code);
    }

    [Fact]
    [Requirement("CMP-102", "CMP-104", "CMP-105")]
    public async Task A_system_is_classified_by_what_is_said_of_it()
    {
        Assert.StartsWith("high", (await CliRun.Of("compliance", "classify", "-d", "employment", "-e", "preparatory_task")).Output, StringComparison.Ordinal);
        CliRun minimal = await CliRun.Of("compliance", "classify", "-d", "employment", "-e", "preparatory_task", "--profiling", "false", "--assessment", "DPO-17", "--json");
        Assert.Equal("minimal", JsonDocument.Parse(minimal.Output).RootElement.GetProperty("class").GetString());
        string own = _folder.Write("tables.json", """{"schema":"agt-risk-classes/v1","version":"2","unacceptable":["sorting"]}""");
        Assert.StartsWith("unacceptable", (await CliRun.Of("compliance", "classify", "-d", "sorting", "--tables", own)).Output, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("compliance", "classify", "-d", "sorting", "--tables", _folder.Write("t.yaml", "a: 1"))).Code);
    }

    [Fact]
    [Requirement("CMP-301", "CMP-303")]
    public async Task Probes_are_run_recorded_signed_and_checked()
    {
        await LogAsync();
        string policy = _folder.Policy();
        CliRun attested = await CliRun.Of("compliance", "attest", Log, "--key", Key, "-p", policy, "-o", _folder["a.json"], "--json");
        Assert.Equal((AuditExitCode.Verified, string.Empty), (attested.Code, attested.Errors));
        Assert.Equal(30, JsonDocument.Parse(attested.Output).RootElement.GetProperty("percentage").GetInt32());
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("compliance", "verify", _folder["a.json"], "--vkey", PublicKey)).Code);
        Assert.Contains(" of 10", (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-f", "owasp_asi_2026")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("failed        ASI", (await CliRun.Of("compliance", "report", Log, "--vkey", PublicKey, "-f", "owasp_asi_2026")).Output, StringComparison.Ordinal);
        await CliRun.Of("audit", "keygen", "log.example/other", "--out", _folder["other.key"]);
        Assert.Equal(AuditExitCode.NotTrusted, (await CliRun.Of("compliance", "attest", Log, "--key", _folder["other.key"], "-p", policy)).Code);
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Equal(AuditExitCode.Unreadable, (await CliRun.Of("compliance", "attest", _folder["empty"], "--key", Key, "-p", policy)).Code);
        Assert.False(File.Exists(Path.Combine(_folder["empty"], "checkpoint")));
        CliRun nobody = await CliRun.Of("compliance", "attest", Log, "--key", Key, "-p", _folder.Write("own.yaml", TempFolder.Billing.Replace("agents: [\"*\"]", "agents: [billing-1]", StringComparison.Ordinal)));
        Assert.Equal(AuditExitCode.Tampered, nobody.Code);
        Assert.Contains("may not start", nobody.Output, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("compliance", "attest", Log, "--key", Key, "-p", _folder["own.yaml"], "--agent", "billing-1")).Code);
    }

    [Fact]
    [Requirement("CMP-201", "CMP-202", "CMP-203")]
    public async Task A_dossier_is_written_signed_and_recorded()
    {
        await LogAsync();
        CliRun run = await CliRun.Of("compliance", "dossier", "--policies", _folder.Policy(), "--log", Log, "--vkey", PublicKey, "--key", Key, "--slo", _folder.Write("bad-slo.yaml", "a: ["), "--out", _folder["d.md"]);
        Assert.Equal((AuditExitCode.Verified, string.Empty), (run.Code, run.Errors));
        Assert.Contains("bad-slo.yaml", await File.ReadAllTextAsync(_folder["d.md.manifest.json"]), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["d.md.manifest.dsse.json"]));
        Assert.Contains("compliance.dossier", (await CliRun.Of("audit", "query", Log, "--kind", "commitment", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(AuditExitCode.Verified, (await CliRun.Of("audit", "verify", Log, "--vkey", PublicKey)).Code);
        Assert.Equal(AuditExitCode.Usage, (await CliRun.Of("compliance", "dossier", "--key", Key, "--out", _folder["x.md"])).Code);
    }

    private async Task LogAsync()
    {
        Assert.Equal(0, (await CliRun.Of("audit", "keygen", "log.example/cli", "--out", Key)).Code);
        Assert.True(AuditKey.TryParse(await File.ReadAllTextAsync(Key), out AuditKey? key));
        using (key)
        {
            await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(Log), key, new AuditOptions { Origin = key.Key.Name });
            for (int i = 0; i < 5; i++)
            {
                await log.AppendAsync(new AuditEvent("security", "incident." + Hostile, Hostile) { Agent = AgentId.Parse("did:x:" + i), Reason = Hostile });
            }
        }
    }
}
