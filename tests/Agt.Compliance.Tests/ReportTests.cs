using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;
using CsCheck;

namespace Agt.Compliance.Tests;

public sealed class ReportTests
{
    [Fact]
    [Requirement("CMP-015", "AUD-X13")]
    public void A_control_without_evidence_is_not_assessed_and_nothing_assessed_has_no_score()
    {
        using var log = new TestLog();
        ComplianceReport empty = log.Report("all");
        Assert.All(empty.Frameworks, framework =>
        {
            Assert.All(framework.Controls, control => Assert.Equal(ControlStatus.NotAssessed, control.Status));
            Assert.Null(framework.Score);
        });
        Assert.Equal(JsonValueKind.Null, TestLog.Json(empty).GetProperty("frameworks")[0].GetProperty("score").ValueKind);

        log.Add("config", ("event_type", "log.started"), ("agent_id", "log"));
        ComplianceReport started = log.Report("owasp_asi_2026");
        Assert.Equal((10, null), (started.Frameworks[0].NotAssessed, started.Frameworks[0].Score));
        Assert.Equal((0L, 0L, 0), (started.TotalViolations, started.OpenViolations, started.Recommendations.Count));
    }

    [Fact]
    [Requirement("CMP-303", "AUD-X12")]
    public void A_risk_is_met_by_a_live_probe_and_never_by_quiet_records()
    {
        using var log = new TestLog();
        log.Decision().Decision("deny");
        Assert.Equal(ControlStatus.Partial, Status(log.Report("owasp_asi_2026"), "ASI02"));
        log.Probe("undeclared_tool", passed: true);
        Assert.Equal(ControlStatus.Met, Status(log.Report("owasp_asi_2026"), "ASI02"));
        log.Probe("undeclared_tool", passed: false);
        Assert.Equal(ControlStatus.Failed, Status(log.Report("owasp_asi_2026"), "ASI02"));
        log.Probe("undeclared_tool", passed: true);
        Assert.Equal(ControlStatus.Met, Status(log.Report("owasp_asi_2026"), "ASI02"));
    }

    [Fact]
    public void What_was_let_through_for_want_of_a_rule_or_not_enforced_speaks_against()
    {
        using var log = new TestLog();
        log.Decision();
        Assert.Equal(ControlStatus.Met, Status(log.Report("soc2"), "SOC2-CC6.1"));
        log.Decision(rule: null, reason: "default_allow");
        Assert.Equal(ControlStatus.Partial, Status(log.Report("soc2"), "SOC2-CC6.1"));
        log.Decision(more: ("attributes", new System.Text.Json.Nodes.JsonObject { ["agt.point"] = "pre_tool_call", ["agt.enforced"] = false }));
        ComplianceReport report = log.Report("soc2");
        Assert.Equal(ControlStatus.Failed, Status(report, "SOC2-CC6.1"));
        CheckResult check = report.Frameworks[0].Controls[0].Checks.Single(one => one.Check.Text.Contains("put into force", StringComparison.Ordinal));
        Assert.Equal((2L, 1L, 2L), (check.For, check.Against, Assert.Single(check.AgainstSamples)));
    }

    [Fact]
    [Requirement("CMP-011")]
    public void One_of_two_failed_is_fifty_percent_and_the_parts_sum_up()
    {
        using var log = new TestLog();
        log.Decision().Decision("deny");
        string pack = TestLog.Pack(
            TestLog.Control("A", "among: decisions"), TestLog.Control("B", "among: decisions, bad: decisions"), TestLog.Control("C", "among: erasures"), TestLog.Control("D"));
        FrameworkResult result = Assert.Single(log.ReportBy(pack).Frameworks);
        Assert.Equal((50.0, 1, 0, 1, 2, 4), (result.Score, result.Met, result.Partial, result.Failed, result.NotAssessed, result.Total));
    }

    [Fact]
    [Requirement("CMP-011", "CMP-010", "AUD-X13")]
    public void An_open_violation_fails_a_control_once_and_remediation_assesses_it_again()
    {
        using var log = new TestLog();
        string pack = TestLog.Pack(TestLog.Control("A", "among: decisions"), TestLog.Control("B", "among: decisions"));
        log.Decision().Violation("v-1", "A", description: "It | was <b>wrong</b>.").Violation("v-2", "A").Violation("v-3", "unknown-control");
        ComplianceReport report = log.ReportBy(pack);
        Assert.Equal((ControlStatus.Failed, 50.0, 1), (Status(report, "A"), report.Frameworks[0].Score, report.Frameworks[0].Failed));
        Assert.Equal((2L, 2L), (report.TotalViolations, report.OpenViolations));
        Assert.Equal(["Remediate A: It | was <b>wrong</b>."], report.Recommendations);
        log.Remediated("v-1");
        Assert.Equal(ControlStatus.Failed, Status(log.ReportBy(pack), "A"));
        log.Remediated("v-2");
        report = log.ReportBy(pack);
        Assert.Equal((ControlStatus.Met, 100.0, 2L, 0L, 0), (Status(report, "A"), report.Frameworks[0].Score, report.TotalViolations, report.OpenViolations, report.Recommendations.Count));
        Assert.All(report.Violations, violation => Assert.True(violation.Remediated));
        log.Remediated("no-such-id");
        Assert.Equal(ControlStatus.Met, Status(log.ReportBy(pack), "A"));
    }

    [Fact]
    [Requirement("CMP-010")]
    public void Recommendations_are_ten_at_most()
    {
        using var log = new TestLog();
        string pack = TestLog.Pack([.. Enumerable.Range(0, 15).Select(i => TestLog.Control($"A{i}", "among: decisions"))]);
        log.Decision();
        for (int i = 0; i < 15; i++)
        {
            log.Violation($"v{i}", $"A{i}");
        }

        Assert.Equal(10, log.ReportBy(pack).Recommendations.Count);
    }

    [Fact]
    [Requirement("CMP-010")]
    public void The_period_includes_both_its_ends_and_the_agent_is_exact()
    {
        using var log = new TestLog();
        log.Decision().Decision(agent: "billing-2").Decision().Decision(agent: "billing-1x");
        string pack = TestLog.Pack(TestLog.Control("A", "among: decisions"));
        Assert.Equal(4, Found(log.ReportBy(pack)));
        Assert.Equal(2, Found(log.ReportBy(pack, TestLog.At(1), TestLog.At(2))));
        Assert.Equal(1, Found(log.ReportBy(pack, TestLog.At(3))));
        Assert.Equal(0, Found(log.ReportBy(pack, TestLog.At(3).AddMicroseconds(1))));
        Assert.Equal(2, Found(log.ReportBy(pack, agent: "billing-1")));
        Assert.Equal(1, Found(log.ReportBy(pack, to: TestLog.At(0).ToOffset(TimeSpan.FromHours(2)), agent: "billing-1")));
        Assert.Throws<ArgumentException>(() => log.ReportBy(pack, TestLog.At(1), TestLog.At(0)));

        static long Found(ComplianceReport report) => report.Frameworks[0].Controls[0].Checks[0].For;
    }

    [Fact]
    [Requirement("CMP-014")]
    public void A_log_that_does_not_verify_gives_no_report()
    {
        using var log = new TestLog();
        log.Decision().Decision();
        IReadOnlyList<CompliancePack> packs = PackLibrary.BuiltIn().Select([]);
        using MemoryAuditStore sound = log.Store();
        using AuditKey other = AuditKey.Create("log.example/other");
        LogNotVerifiedException untrusted = Assert.Throws<LogNotVerifiedException>(() => new ComplianceReporter(sound, TrustPolicy.Of(other.Key), packs).Create());
        Assert.True(untrusted.IsOnlyUntrusted);

        using var changed = new TestLog();
        changed.Decision().Decision("deny");
        using MemoryAuditStore tampered = changed.Store();
        tampered.WriteCheckpoint(log.Store().ReadCheckpoint().Span);
        LogNotVerifiedException exception = Assert.Throws<LogNotVerifiedException>(() => new ComplianceReporter(tampered, log.Trust, packs).Create());
        Assert.False(exception.IsOnlyUntrusted);
        Assert.Contains("nothing can be reported", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("CMP-014")]
    public void Records_behind_the_checkpoint_do_not_count()
    {
        using var log = new TestLog();
        log.Decision().Decision().Decision();
        using MemoryAuditStore store = log.Store(checkpointAt: 2);
        ComplianceReport report = new ComplianceReporter(store, log.Trust, PackLibrary.BuiltIn().Select([])).Create();
        Assert.Equal((2L, 2L), (report.RecordsVerified, report.RecordsConsidered));
        Assert.All(report.Evidence, record => Assert.True(record.Index < 2));
    }

    [Fact]
    [Requirement("CMP-014")]
    public void A_stranger_checks_every_claim_with_the_public_key_and_the_verifier_alone()
    {
        using var log = new TestLog();
        for (int i = 0; i < 300; i++)
        {
            log.Decision(i % 7 == 0 ? "deny" : "allow");
        }

        JsonElement report = TestLog.Json(log.Report("soc2", "owasp_asi_2026"));
        Assert.True(SignedCheckpoint.TryParse(Encoding.UTF8.GetBytes(report.GetProperty("log").GetProperty("checkpoint").GetString()!), out SignedCheckpoint? checkpoint, out _));
        Assert.True(checkpoint.IsSignedBy(log.Key.Key, out _));
        Dictionary<long, string> proven = [];
        foreach (JsonElement record in report.GetProperty("evidence").EnumerateArray())
        {
            long index = record.GetProperty("index").GetInt64();
            LogHash[] path = [.. record.GetProperty("path").EnumerateArray().Select(hash => LogHash.TryParseBase64(hash.GetString(), out LogHash parsed) ? parsed : throw new FormatException())];
            byte[] leaf = Encoding.UTF8.GetBytes(record.GetProperty("record").GetString()!);
            Assert.True(Proof.Verify(leaf, index, checkpoint.Checkpoint.Size, path, checkpoint.Checkpoint.Root));
            proven[index] = record.GetProperty("leaf_hash").GetString()!;
        }

        int claims = 0;
        foreach (JsonElement check in report.GetProperty("frameworks").EnumerateArray().SelectMany(framework => framework.GetProperty("controls").EnumerateArray()).SelectMany(control => control.GetProperty("checks").EnumerateArray()))
        {
            foreach (JsonElement sample in check.GetProperty("for").GetProperty("samples").EnumerateArray().Concat(check.GetProperty("against").GetProperty("samples").EnumerateArray()))
            {
                Assert.Equal(proven[sample.GetProperty("index").GetInt64()], sample.GetProperty("leaf_hash").GetString());
                claims++;
            }
        }

        Assert.True(claims > 10);
    }

    [Fact]
    [Requirement("CMP-014")]
    public void A_signed_report_verifies_and_any_change_is_found()
    {
        using var log = new TestLog();
        log.Decision().Decision("deny").Probe("undeclared_tool", true).Violation("v", "SOC2-CC6.1");
        ComplianceReport report = log.Report("soc2", "owasp_asi_2026");
        byte[] signed = ReportStatement.Sign(report, log.Key).ToUtf8();
        ReportVerification good = ReportVerifier.Verify(signed, log.Trust);
        Assert.Equal((true, true, log.Key.Key, 0), (good.IsValid, good.IsTrusted, good.SignedBy, good.Problems.Count));
        Assert.True(good.Proofs > 0 && good.Claims > 0);
        ReportVerification unsigned = ReportVerifier.Verify(ReportJson.Write(report), log.Trust);
        Assert.Equal((true, null), (unsigned.IsValid, unsigned.SignedBy));
        using AuditKey other = AuditKey.Create("log.example/other");
        Assert.False(ReportVerifier.Verify(signed, TrustPolicy.Of(other.Key)).IsTrusted);
        Assert.Throws<ArgumentException>(() => ReportStatement.Sign(report, other));

        Gen.Select(Gen.Int[0, signed.Length - 1], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            byte[] changed = [.. signed];
            changed[at] ^= flip;
            ReportVerification result = ReportVerifier.Verify(changed, log.Trust);

            // The hint at the key is no part of what is signed.
            bool isHint = Encoding.ASCII.GetString(signed).IndexOf("\"keyid\"", StringComparison.Ordinal) is var hint && at >= hint && at < Encoding.ASCII.GetString(signed).IndexOf("\"sig\"", StringComparison.Ordinal);
            Assert.True(isHint || !result.IsValid || result.SignedBy is null, $"byte {at} changed by {flip}");
        }, iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("\"status\": \"partial\"", "\"status\": \"met\"")]
    [InlineData("\"score\": 0", "\"score\": 100")]
    [InlineData("\\u0022deny\\u0022", "\\u0022allow\\u0022")]
    [InlineData("\"met\": 0", "\"met\": 3")]
    [InlineData("\"count\": 1,", "\"count\": 2,")]
    [InlineData("\"deny\"", "\"allow\"")]
    [InlineData("\"witnessed\": false", "\"witnessed\": maybe")]
    [InlineData("agt.compliance-report/1", "agt.compliance-report/2")]
    [Requirement("CMP-014")]
    public void An_unsigned_report_that_was_made_nicer_does_not_hold(string from, string to)
    {
        using var log = new TestLog();
        log.Decision().Decision("deny");
        string pack = TestLog.Pack(TestLog.Control("A", "among: decisions, good: { decision: allow }", "among: { decision: deny }"));
        string text = Encoding.UTF8.GetString(ReportJson.Write(log.ReportBy(pack)));
        Assert.True(ReportVerifier.Verify(Encoding.UTF8.GetBytes(text), log.Trust).IsValid);
        Assert.Contains(from, text, StringComparison.Ordinal);
        ReportVerification result = ReportVerifier.Verify(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), log.Trust);
        Assert.False(result.IsValid);
        Assert.NotEmpty(result.Problems);
    }

    [Fact]
    public void Names_from_the_log_cannot_become_markup()
    {
        const string Hostile = "<script>alert(1)</script>|a\nb`c`[x](javascript:y) https://evil.example www.evil.example a@evil.example \u202E";
        using var log = new TestLog();
        log.Decision(agent: Hostile, rule: Hostile, tool: Hostile).Violation("v", "A", Hostile, Hostile);
        string pack = TestLog.Pack(TestLog.Control("A", "among: decisions"));
        ComplianceReport report = log.ReportBy(pack, agent: Hostile);
        Assert.Equal(1, report.OpenViolations);
        string html = ReportHtml.Write(report);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u202E", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"", html, StringComparison.Ordinal);
        Assert.All(System.Text.RegularExpressions.Regex.Matches(html, "href=\"([^\"]*)\"").Select(match => match.Groups[1].Value), link => Assert.StartsWith("#", link, StringComparison.Ordinal));
        string markdown = ReportMarkdown.Write(report);
        Assert.DoesNotContain("<script", markdown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u202E", markdown, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?<!\\)\]\(javascript", markdown);
        Assert.DoesNotContain("https://", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("www.", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("a@", markdown, StringComparison.Ordinal);
        foreach (string row in markdown.Split('\n').Where(line => line.Contains("alert", StringComparison.Ordinal) && line.StartsWith("| 2026", StringComparison.Ordinal)))
        {
            Assert.Equal(8, System.Text.RegularExpressions.Regex.Count(row, @"(?<!\\)\|"));
        }
    }

    [Fact]
    public void Every_claim_in_the_page_leads_to_its_record()
    {
        using var log = new TestLog();
        log.Decision().Decision("deny").Probe("undeclared_tool", true);
        string html = ReportHtml.Write(log.Report("all"));
        string[] links = [.. System.Text.RegularExpressions.Regex.Matches(html, "href=\"#([^\"]*)\"").Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains("record-0", links);
        Assert.All(links, link => Assert.Contains($"id=\"{link}\"", html, StringComparison.Ordinal));
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        foreach (string tag in new[] { "section", "div", "table", "ul", "ol", "svg", "p", "li", "pre" })
        {
            Assert.Equal(System.Text.RegularExpressions.Regex.Count(html, $"<{tag}[ >]"), System.Text.RegularExpressions.Regex.Count(html, $"</{tag}>"));
        }
    }

    [Fact]
    public void Records_that_cannot_be_read_are_counted_and_speak_for_nothing()
    {
        using var log = new TestLog();
        log.AddRaw("no json").AddRaw("{\"kind\":\"decision\",\"v\":1}").AddRaw("{\"kind\":\"decision\",\"v\":2,\"occurred_at\":\"2026-11-01T08:00:00.000000Z\"}").Decision();
        ComplianceReport report = log.ReportBy(TestLog.Pack(TestLog.Control("A", "among: decisions")));
        Assert.Equal((3L, 1L, 1L), (report.RecordsUnreadable, report.RecordsConsidered, report.Frameworks[0].Controls[0].Checks[0].For));
    }

    [Fact]
    public void Findings_of_verification_count_where_a_check_asks_for_them()
    {
        using var log = new TestLog();
        log.Decision(more: [("emitter_id", "e"), ("emitter_seq", 1)]).Decision(more: [("emitter_id", "e"), ("emitter_seq", 2)]);
        Assert.Equal(CheckStatus.Passed, Gap(log));
        log.Decision(more: [("emitter_id", "e"), ("emitter_seq", 9)]);
        Assert.Equal(CheckStatus.Failed, Gap(log));
        Assert.Equal(ControlStatus.Failed, Status(log.Report("eu_ai_act"), "EUAI-ART12"));

        static CheckStatus Gap(TestLog log) => log.ReportBy(TestLog.Pack(TestLog.Control("A", "among: any_record, bad: gaps"))).Frameworks[0].Controls[0].Checks[0].Status;
    }

    [Fact]
    public void Arguments_in_clear_are_told_from_sealed_ones()
    {
        using var log = new TestLog();
        log.Decision(more: ("context", System.Text.Json.Nodes.JsonNode.Parse("""{"arguments":{"_sd":"abc"}}""")));
        Assert.Equal(ControlStatus.Met, Status(log.Report("gdpr"), "GDPR-ART5"));
        log.Decision(more: ("context", System.Text.Json.Nodes.JsonNode.Parse("""{"arguments":{"iban":"DE00"}}""")));
        Assert.Equal(ControlStatus.Partial, Status(log.Report("gdpr"), "GDPR-ART5"));
    }

    [Fact]
    public void Ranges_hold_every_index_and_are_bounded() => Gen.Long[1, 5].Array[0, 2_000].Sample(steps =>
    {
        var ranges = new IndexRanges();
        var indices = new List<long>();
        long index = -1;
        foreach (long step in steps)
        {
            indices.Add(index += step);
            ranges.Add(index);
        }

        Assert.True(ranges.All.Count <= IndexRanges.Most);
        Assert.Equal(indices.Count, ranges.All.Sum(range => range.Count));
        Assert.All(ranges.All, range => Assert.Equal(range.Count, indices.LongCount(one => one >= range.First && one <= range.Last)));
    });

    [Fact]
    [Requirement("CMP-015")]
    public void A_status_never_rises_when_evidence_is_taken_away() =>
        Gen.Select(Gen.Enum<CheckStatus>(), Gen.Bool, Gen.Bool).Array[1, 6].Sample(checks =>
        {
            ControlStatus all = ControlJudge.Of([.. checks], 0);
            Assert.Equal(ControlStatus.Failed, ControlJudge.Of([.. checks], 1));
            (CheckStatus, bool, bool)[] none = [.. checks.Select(check => (CheckStatus.NotAssessed, check.Item2, check.Item3))];
            Assert.Equal(ControlStatus.NotAssessed, ControlJudge.Of(none, 0));
            if (all == ControlStatus.Met)
            {
                Assert.DoesNotContain(checks, check => check.Item1 == CheckStatus.Failed);
                Assert.DoesNotContain(checks, check => check is { Item1: CheckStatus.NotAssessed, Item2: true });
            }
        });

    [Fact]
    [Requirement("CMP-015")]
    public void More_than_can_be_followed_is_not_passed()
    {
        using var log = new TestLog();
        for (int i = 0; i < 1_001; i++)
        {
            log.Probe($"p{i}", true);
        }

        CheckResult check = log.ReportBy(TestLog.Pack(TestLog.Control("A", "among: probes, good: probe_passed, latest_by: attributes.agt.probe"))).Frameworks[0].Controls[0].Checks[0];
        Assert.Equal((CheckStatus.NotAssessed, 1_000L), (check.Status, check.For));
        using var gaps = new TestLog();
        for (int i = 0; i < 1_200; i++)
        {
            gaps.AddRaw($$"""{"emitter_id":"e","emitter_seq":{{i * 2}},"kind":"event","occurred_at":"2026-11-01T08:00:00.000000Z","v":1}""");
        }

        ComplianceReport report = gaps.ReportBy(TestLog.Pack(TestLog.Control("A", "among: any_record, bad: { finding: outcome_missing }")));
        Assert.True(report.FindingsIncomplete);
        Assert.Equal(CheckStatus.NotAssessed, report.Frameworks[0].Controls[0].Checks[0].Status);
        Assert.True(ReportVerifier.Verify(ReportJson.Write(report), gaps.Trust).IsValid);
    }

    [Fact]
    public void A_long_log_is_reported_on_within_bounds()
    {
        using var log = new TestLog();
        for (int i = 0; i < 30_000; i++)
        {
            log.Decision(i % 2 == 0 ? "allow" : "deny");
        }

        ComplianceReport report = log.Report("soc2");
        Assert.Equal(30_000, report.RecordsConsidered);
        Assert.All(report.Frameworks[0].Controls.SelectMany(control => control.Checks), check => Assert.True(check.ForRanges.Count <= IndexRanges.Most && check.ForSamples.Count <= 3));
        Assert.True(ReportJson.Write(report).Length < 2_000_000);
    }

    private static ControlStatus Status(ComplianceReport report, string control) => report.Frameworks.SelectMany(framework => framework.Controls).Single(one => one.Control.ControlId == control).Status;
}
