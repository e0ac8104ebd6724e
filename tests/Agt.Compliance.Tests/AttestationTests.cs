using System.Text;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Audit.Stores;
using Agt.Compliance.Attestation;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Compliance.Tests;

public sealed class AttestationTests : IDisposable
{
    private static readonly CompliancePack Risks = PackLibrary.BuiltIn().Packs["owasp_asi_2026"];
    private readonly string _directory = Directory.CreateTempSubdirectory("agt-attest-").FullName;
    private readonly AuditKey _key = AuditKey.Create("log.example/attest");

    private TrustPolicy Trust => TrustPolicy.Of(_key.Key);

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    [Requirement("CMP-301")]
    public void Six_checks_look_at_what_the_host_says_of_itself()
    {
        Write("policies/billing.yaml", "name: billing\ndefault_action: deny\n");
        Write("policies/support.yaml", "defaults: { action: deny }\n");
        Write("evidence.yaml", Evidence());
        RuntimeEvidence good = RuntimeEvidence.Read(_directory);
        Assert.Equal(["policy_files", "default_deny", "tools", "audit_sink", "identity", "packages"], good.Checks.Select(check => check.Name));
        Assert.All(good.Checks, check => Assert.True(check.Passed, check.Detail));
        Assert.Equal(64, good.Files[0].Sha256.Length);

        foreach ((string from, string to, string check) in new[]
        {
            ("[Orders.Find]", "[]", "tools"), ("enabled: true, target: audit/", "enabled: false, target: audit/", "audit_sink"), (", target: audit/", "", "audit_sink"), ("method: did", "method: did, enabled: false", "identity"),
            ("packages:\n  - { name: Agt.Core, version: 0.1.0 }\n", "", "packages"),
        })
        {
            Write("evidence.yaml", Evidence().Replace(from, to, StringComparison.Ordinal).Replace("enabled: true, method: did, enabled: false", "enabled: false", StringComparison.Ordinal).Replace("tools: []", "", StringComparison.Ordinal));
            Assert.Equal(check, Assert.Single(RuntimeEvidence.Read(_directory).Checks, one => !one.Passed).Name);
        }
    }

    [Theory]
    [Requirement("CMP-301")]
    [InlineData("default_action: deny", true)]
    [InlineData("defaults: { default_action: deny }", true)]
    [InlineData("default_action: Deny", false)]
    [InlineData("default_action: denyall", false)]
    [InlineData("default_action: allow", false)]
    [InlineData("default_action: deny\ndefaults: { action: allow }", false)]
    [InlineData("rules: [{ default_action: deny }]", false)]
    [InlineData("name: x", false)]
    [InlineData("a: [", false)]
    public void The_default_must_be_exactly_deny(string policy, bool passes)
    {
        Write("policies/billing.yaml", policy);
        Write("policies/support.yaml", "default_action: deny");
        Write("evidence.yaml", Evidence());
        Assert.Equal(passes, RuntimeEvidence.Read(_directory).Checks.Single(check => check.Name == "default_deny").Passed);
    }

    [Theory]
    [Requirement("CMP-301")]
    [InlineData("../outside.yaml", "outside")]
    [InlineData("/etc/hostname", "outside")]
    [InlineData("policies/../../x", "outside")]
    [InlineData("link.yaml", "link")]
    [InlineData("linked/x.yaml", "link")]
    [InlineData("big.yaml", "10485760")]
    public void What_leads_out_of_the_directory_or_is_too_large_is_an_error(string name, string told)
    {
        string outside = Directory.CreateTempSubdirectory("agt-outside-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(outside, "x.yaml"), "default_action: deny");
            File.CreateSymbolicLink(Path.Combine(_directory, "link.yaml"), Path.Combine(outside, "x.yaml"));
            Directory.CreateSymbolicLink(Path.Combine(_directory, "linked"), outside);
            using (var big = new FileStream(Path.Combine(_directory, "big.yaml"), FileMode.Create))
            {
                big.SetLength(RuntimeEvidence.MaxBytes + 1);
            }

            Write("evidence.yaml", $"schema: agt-runtime-evidence/v1\npolicy_files: [{name}]\n");
            Assert.Contains(told, Assert.Throws<PackException>(() => RuntimeEvidence.Read(_directory)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Theory]
    [Requirement("CMP-302")]
    [InlineData(9, 10, 90, 'A')]
    [InlineData(899, 1000, 89, 'B')]
    [InlineData(8, 10, 80, 'B')]
    [InlineData(7, 10, 70, 'C')]
    [InlineData(6, 10, 60, 'D')]
    [InlineData(599, 1000, 59, 'F')]
    [InlineData(0, 0, 0, 'F')]
    public void The_grade_follows_from_the_truncated_percentage(int passed, int all, int percentage, char grade)
    {
        Assert.Equal(percentage, RuntimeAttestation.PercentageOf(passed, all));
        Assert.Equal(grade, RuntimeAttestation.GradeOf(percentage));
    }

    [Fact]
    [Requirement("CMP-303", "AUD-X12", "CMP-016")]
    public async Task Controls_pass_by_probes_of_the_running_chain_that_are_in_the_log_and_anybody_can_check_it()
    {
        Write("policy.yaml", "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: deny\nrules:\n  - { name: reads, condition: \"tool_name == 'Orders.Find'\", action: allow }\n");
        RuntimeAttestation attestation = await AttestAsync(Path.Combine(_directory, "policy.yaml"));
        Assert.All(attestation.Probes, probe => Assert.True(probe.Passed, probe.Detail));
        Assert.Equal(["ASI02", "ASI03", "ASI10"], attestation.Controls.Where(control => control.Passed).Select(control => control.ControlId));
        Assert.Equal((30, 'F'), (attestation.Percentage, attestation.Grade));
        byte[] envelope = attestation.Envelope.ToUtf8();
        Assert.True(AttestationVerifier.IsAttestation(envelope));
        ReportVerification verified = AttestationVerifier.Verify(envelope, Trust);
        Assert.Equal((true, true, 5, 0), (verified.IsValid, verified.IsTrusted, verified.Proofs, verified.Problems.Count));
        using AuditKey other = AuditKey.Create("log.example/other");
        Assert.False(AttestationVerifier.Verify(envelope, TrustPolicy.Of(other.Key)).IsTrusted);

        // Somebody with the key says more than the probes did.
        Assert.True(InTotoStatement.TryParse(attestation.Envelope.Payload, out InTotoStatement? statement, out _));
        foreach ((string from, string to) in new[] { ("\"percentage\":30", "\"percentage\":90"), ("\"grade\":\"F\"", "\"grade\":\"A\""), ("\"passed\":false", "\"passed\":true"), ("\"name\":\"undeclared_tool\"", "\"name\":\"goal_hijack\"") })
        {
            string text = Encoding.UTF8.GetString(statement.Predicate.Span);
            Assert.Contains(from, text, StringComparison.Ordinal);
            DsseEnvelope forged = _key.Sign(statement with { Predicate = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)) });
            Assert.False(AttestationVerifier.Verify(forged.ToUtf8(), Trust).IsValid, from);
        }

        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(Path.Combine(_directory, "log"));
        ComplianceReport report = new ComplianceReporter(store, Trust, [Risks]).Create();
        Assert.Equal(CheckStatus.Passed, report.Frameworks[0].Controls.Single(control => control.Control.ControlId == "ASI02").Checks[0].Status);
    }

    [Fact]
    [Requirement("CMP-303", "AUD-X12")]
    public async Task A_chain_that_lets_everything_through_fails_its_probes()
    {
        RuntimeAttestation attestation = await AttestAsync(policy: null);
        Assert.False(attestation.Probes.Single(probe => probe.Name == "undeclared_tool").Passed);
        Assert.False(attestation.Controls.Single(control => control.ControlId == "ASI02").Passed);
        Assert.True(attestation.Probes.Single(probe => probe.Name == "closed_session").Passed);
    }

    [Fact]
    [Requirement("CMP-303")]
    public async Task A_probe_that_throws_or_hangs_was_not_withstood()
    {
        var time = new FakeTimeProvider();
        await using AuditLog log = Open();
        var hanging = new TestProbe("hangs", async token => { time.Advance(TimeSpan.FromSeconds(11)); await Task.Delay(Timeout.Infinite, token); return new(true, ""); });
        IReadOnlyList<ProbeOutcome> outcomes = await new ProbeRunner(log, time).RunAsync([new TestProbe("throws", _ => throw new InvalidOperationException("secret")), hanging, new TestProbe("fine", _ => new(new ProbeResult(true, "ok")))]);
        Assert.Equal([("throws", false), ("hangs", false), ("fine", true)], outcomes.Select(outcome => (outcome.Name, outcome.Passed)));
        Assert.DoesNotContain("secret", outcomes[0].Detail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await new ProbeRunner(log).RunAsync([hanging, hanging]));
    }

    private static string Evidence() =>
        "schema: agt-runtime-evidence/v1\npolicy_files: [policies/billing.yaml, policies/support.yaml]\ntools: [Orders.Find]\naudit_sink: { enabled: true, target: audit/ }\nidentity: { enabled: true, method: did }\npackages:\n  - { name: Agt.Core, version: 0.1.0 }\n";

    private AuditLog Open() => AuditLog.Open(SegmentAuditStore.Open(Path.Combine(_directory, "log")), _key, new AuditOptions { Origin = _key.Key.Name });

    private async Task<RuntimeAttestation> AttestAsync(string? policy)
    {
        await using AuditLog log = Open();
        var services = new ServiceCollection();
        IGovernanceBuilder builder = services.AddGovernance(options => options.RequirePolicy = policy is not null).UseDecisionLog(new AuditDecisionLog(log));
        if (policy is not null)
        {
            builder.AddPolicy(policy);
        }
        else
        {
            builder.AddInterceptor(new TestInterceptor("lets everything through"));
        }

        await using ServiceProvider provider = services.BuildServiceProvider();
        return await new Attestor(log, _key).AttestAsync(Risks, StandardProbes.For(provider.GetRequiredService<IGovernance>(), log));
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, name))!);
        File.WriteAllText(Path.Combine(_directory, name), text);
    }

    private sealed class TestProbe(string name, Func<CancellationToken, ValueTask<ProbeResult>> run) : IComplianceProbe
    {
        public string Name { get; } = name;

        public ValueTask<ProbeResult> RunAsync(CancellationToken cancellationToken) => run(cancellationToken);
    }
}
