using System.Diagnostics.Metrics;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Compliance.Engine;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Compliance.Tests;

public sealed class EngineTests : IAsyncDisposable
{
    private static readonly AgentId Agent = AgentId.Parse("billing-1");
    private readonly string _directory = Directory.CreateTempSubdirectory("agt-compliance-").FullName;
    private readonly AuditKey _key = AuditKey.Create("log.example/engine");
    private AuditLog? _log;

    private AuditLog Log => _log ??= AuditLog.Open(SegmentAuditStore.Open(Path.Combine(_directory, "log")), _key, new AuditOptions { Origin = _key.Key.Name });

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    [Requirement("CMP-003", "CMP-005")]
    public void Actions_map_to_the_controls_of_the_frameworks_that_are_on()
    {
        using ComplianceEngine all = Engine("all");
        Assert.Null(all.MapAction("teleport"));
        Assert.Equal(["EUAI-ART9", "HIPAA-164.312(a)(1)", "SOC2-CC6.1"], Controls(all, "agent_registration"));
        Assert.Equal(["GDPR-ART5", "HIPAA-164.312(b)", "SOC2-CC6.1", "SOC2-CC7.2"], Controls(all, "data_access"));
        Assert.Equal(["EUAI-ART13", "GDPR-ART22"], Controls(all, "automated_decision"));
        Assert.Equal(["EUAI-ART9", "SOC2-CC6.1", "SOC2-CC7.2"], Controls(all, "supply_chain_audit"));
        Assert.Equal(["human_review"], all.MapAction("automated_decision")!.EvidenceRequired);
        Assert.NotEmpty(all.MapAction("data_access")!.EvidenceGenerated);
        using ComplianceEngine act = Engine("eu_ai_act");
        Assert.Equal(["EUAI-ART13"], Controls(act, "automated_decision"));
        Assert.Empty(act.MapAction("automated_decision")!.EvidenceRequired);
        Assert.Null(act.MapAction("data_access"));
    }

    [Fact]
    [Requirement("CMP-006", "CMP-009", "CMP-004")]
    public async Task Unknown_actions_are_counted_and_a_control_is_violated_once()
    {
        using ComplianceEngine engine = Engine("gdpr", "hipaa");
        Assert.Empty(await engine.CheckComplianceAsync(Agent, "teleport", Context()));
        Assert.Equal((1L, 1L), (engine.Checks, engine.Unassessed));
        IReadOnlyList<ComplianceViolation> violations = await engine.CheckComplianceAsync(Agent, "data_access", Context(("personal_data", true), ("data_type", "phi")));
        Assert.Equal(["GDPR-ART5", "HIPAA-164.312(b)"], violations.Select(violation => violation.ControlId).Order(StringComparer.Ordinal));
        Assert.All(violations, violation => Assert.Equal((false, "billing-1", "data_access"), (violation.Remediated, violation.Agent, violation.ActionType)));
        Assert.Equal(2, violations.Select(violation => violation.Id).Distinct().Count());
        ComplianceViolation unreviewed = Assert.Single(await engine.CheckComplianceAsync(Agent, "automated_decision", Context()));
        Assert.Equal(("GDPR-ART22", "medium"), (unreviewed.ControlId, unreviewed.Severity));
        Assert.Empty(await engine.CheckComplianceAsync(Agent, "automated_decision", Context(("human_review", true))));
        using ComplianceEngine soc2 = Engine();
        Assert.Empty(await soc2.CheckComplianceAsync(Agent, "data_access", Context(("personal_data", true), ("data_type", "phi"))));
        Assert.Equal("medium", new ComplianceViolation("i", "c", "f", "a", "t", "d", default).Severity);
    }

    [Theory]
    [Requirement("CMP-007")]
    [InlineData("phi", null, true)]
    [InlineData("PHI", false, true)]
    [InlineData(" phi ", "no", true)]
    [InlineData("phi", true, false)]
    [InlineData("phi", "AES-256", false)]
    [InlineData("orders", false, false)]
    [InlineData(null, null, false)]
    public async Task Health_data_must_be_encrypted(string? type, object? encrypted, bool breaks)
    {
        using ComplianceEngine engine = Engine("hipaa");
        IReadOnlyList<ComplianceViolation> found = await engine.CheckComplianceAsync(Agent, "data_access", Context(("data_type", type), ("encrypted", encrypted)));
        Assert.Equal(breaks, found.Count == 1);
        if (breaks)
        {
            Assert.Equal(("high", "false"), (found[0].Severity, encrypted is null ? found[0].Evidence["encrypted"] : "false"));
            Assert.Equal("phi", found[0].Evidence["data_type"], ignoreCase: true);
        }
    }

    [Theory]
    [Requirement("CMP-008")]
    [InlineData(true, null, null, true)]
    [InlineData("yes", false, null, true)]
    [InlineData(1, "0", "", true)]
    [InlineData(true, false, "because", true)]
    [InlineData(true, true, null, false)]
    [InlineData(true, null, "contract", false)]
    [InlineData(false, null, null, false)]
    [InlineData(null, null, null, false)]
    public async Task Personal_data_needs_consent_or_another_basis(object? personal, object? consent, string? basis, bool breaks)
    {
        using ComplianceEngine engine = Engine("gdpr");
        IReadOnlyList<ComplianceViolation> found = await engine.CheckComplianceAsync(Agent, "data_access", Context(("personal_data", personal), ("consent_verified", consent), ("lawful_basis", basis)));
        Assert.Equal(breaks ? "high" : null, found.SingleOrDefault()?.Severity);
    }

    [Fact]
    [Requirement("CMP-012", "CMP-013", "AUD-X13")]
    public async Task Violations_and_their_remediation_are_records_from_which_the_state_is_read_again()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        string first;
        using (ComplianceEngine engine = ComplianceEngine.Open(Log, Packs("gdpr", "hipaa"), time))
        {
            first = (await engine.CheckComplianceAsync(Agent, "data_access", Context(("data_type", "phi")))).Single().Id;
            await engine.CheckComplianceAsync(AgentId.Parse("other"), "data_access", Context(("personal_data", true)));
            time.Advance(TimeSpan.FromHours(1));
            Assert.False(await engine.RemediateAsync("no-such-violation", "x"));
            Assert.True(await engine.RemediateAsync(first, "encrypted now"));
            Check(engine);
        }

        await CloseAsync();
        using (ComplianceEngine again = ComplianceEngine.Open(Log, Packs("gdpr", "hipaa"), time))
        {
            Check(again);
            Assert.Equal((2L, "phi"), (again.GetViolations().Count, again.GetViolations()[0].Evidence["data_type"]));
        }

        Log.Publish();
        await CloseAsync();
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(Path.Combine(_directory, "log"));
        ComplianceReport report = new ComplianceReporter(store, Agt.Audit.Notes.TrustPolicy.Of(_key.Key), Packs("gdpr", "hipaa")).Create();
        Assert.Equal((2L, 1L), (report.TotalViolations, report.OpenViolations));
        Assert.Equal(ControlStatus.Failed, report.Frameworks[0].Controls.Single(control => control.Control.ControlId == "GDPR-ART5").Status);
        Assert.Equal(4, store.ReadLeaves(0, store.Size).Count(leaf => leaf.Span.IndexOf("compliance."u8) > 0));

        void Check(ComplianceEngine engine)
        {
            ComplianceViolation settled = Assert.Single(engine.GetViolations(remediated: true));
            Assert.Equal((first, "encrypted now", time.GetUtcNow()), (settled.Id, settled.Notes, settled.RemediatedAt));
            Assert.Equal("GDPR-ART5", Assert.Single(engine.GetViolations(remediated: false)).ControlId);
            Assert.Equal("other", Assert.Single(engine.GetViolations("gdpr")).Agent);
            Assert.Equal("hipaa", Assert.Single(engine.GetViolations(agent: Agent)).Framework);
            Assert.Empty(engine.GetViolations("gdpr", Agent));
        }
    }

    [Fact]
    [Requirement("CMP-014", "AUD-609")]
    public async Task What_was_purged_speaks_for_nothing_and_the_rest_is_reported_as_before()
    {
        await using (AuditLog then = AuditLog.Open(SegmentAuditStore.Open(Path.Combine(_directory, "log")), _key, new AuditOptions { Origin = _key.Key.Name }, new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(-800))))
        {
            await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => then.AppendAsync(new AuditEvent("security", "incident.old", "act")).AsTask()));
        }

        using (ComplianceEngine engine = Engine("hipaa"))
        {
            await engine.CheckComplianceAsync(Agent, "data_access", Context(("data_type", "phi")));
        }

        Assert.Equal(768, (await Log.PurgeAsync("ops")).First);
        using (ComplianceEngine again = Engine("hipaa"))
        {
            Assert.Equal(1_003, Assert.Single(again.GetViolations()).Index);
        }

        await CloseAsync();
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(Path.Combine(_directory, "log"));
        ComplianceReport report = new ComplianceReporter(store, Agt.Audit.Notes.TrustPolicy.Of(_key.Key), Packs("hipaa", "soc2")).Create();
        Assert.Equal((768L, store.Size - 768), (report.RecordsPurged, report.RecordsVerified));
        CheckResult incidents = report.Frameworks[1].Controls.Single(control => control.Control.ControlId == "SOC2-CC7.3").Checks[0];
        Assert.Equal((233L, 768L), (incidents.For, incidents.ForSamples[0]));
        Assert.True(ReportVerifier.Verify(ReportJson.Write(report), Agt.Audit.Notes.TrustPolicy.Of(_key.Key)).IsValid);
    }

    [Fact]
    public async Task Many_callers_at_once_lose_nothing_and_memory_is_bounded()
    {
        using ComplianceEngine engine = ComplianceEngine.Open(Log, Packs("hipaa"), capacity: 50);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await engine.CheckComplianceAsync(Agent, "data_access", Context(("data_type", "phi"))))));
        Assert.Equal((50, 150L, 200L), (engine.GetViolations().Count, engine.Forgotten, engine.Checks));
        using ComplianceEngine again = ComplianceEngine.Open(Log, Packs("hipaa"), capacity: 500);
        Assert.Equal(200, again.GetViolations().Select(violation => violation.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_is_no_fact_is_refused()
    {
        using ComplianceEngine engine = Engine("gdpr");
        await Assert.ThrowsAsync<ArgumentException>(async () => await engine.CheckComplianceAsync(Agent, "data_access", Context(("personal_data", new object()))));
        await Assert.ThrowsAsync<ArgumentException>(async () => await engine.CheckComplianceAsync(Agent, "data_access", Enumerable.Range(0, 65).ToDictionary(i => $"k{i}", _ => (object?)1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ComplianceEngine.Open(Log, [], capacity: 0));
    }

    [Fact]
    [Requirement("AUD-712")]
    public async Task The_meter_tells_score_and_open_violations()
    {
        using ComplianceEngine engine = Engine("hipaa");
        var read = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, on) => { if (instrument.Meter.Name == "Agt.Compliance") { on.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => read[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => read[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.DoesNotContain("agt.compliance.score", read.Keys);
        string id = (await engine.CheckComplianceAsync(Agent, "data_access", Context(("data_type", "phi"))))[0].Id;
        listener.RecordObservableInstruments();
        Assert.Equal((0.0, 1.0), (read["agt.compliance.score"], read["agt.compliance.violations"]));
        await engine.RemediateAsync(id, "done");
        listener.RecordObservableInstruments();
        Assert.Equal((100.0, 0.0), (read["agt.compliance.score"], read["agt.compliance.violations"]));
    }

    private static IReadOnlyList<CompliancePack> Packs(params string[] frameworks) => PackLibrary.BuiltIn().Select(frameworks);

    private static IEnumerable<string> Controls(ComplianceEngine engine, string action) => engine.MapAction(action)!.Controls.Order(StringComparer.Ordinal);

    private static Dictionary<string, object?> Context(params (string Name, object? Value)[] facts) => facts.ToDictionary(fact => fact.Name, fact => fact.Value);

    private ComplianceEngine Engine(params string[] frameworks) => ComplianceEngine.Open(Log, Packs(frameworks));

    private async Task CloseAsync()
    {
        if (_log is not null)
        {
            await _log.DisposeAsync();
            _log = null;
        }
    }
}
