using System.Globalization;
using System.Net;
using System.Text;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>Writes a report as one HTML file that needs nothing else: no script, no picture, no font from elsewhere. Everything that comes from the log or a pack is escaped.</summary>
public static class ReportHtml
{
    private const int MaxShown = 4_000;

    private const string Style = """
        :root{color-scheme:light dark;--ink:#1d2126;--soft:#5c6670;--line:#d9dee3;--page:#fff;--card:#f6f8fa;--met:#1a7f4b;--partial:#b7791f;--failed:#b3261e;--none:#8b949e;--link:#0b5cad}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa4ae;--line:#343b43;--page:#14171a;--card:#1c2126;--met:#3fb27f;--partial:#d9a441;--failed:#f0716a;--none:#7d8690;--link:#7ab7ff}}
        body{font:15px/1.55 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:2rem 1.25rem 4rem;color:var(--ink);background:var(--page)}
        h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.3rem;margin:2.4rem 0 .5rem;border-top:1px solid var(--line);padding-top:1.4rem}h3{font-size:1.02rem;margin:0}
        a{color:var(--link)}p{margin:.35rem 0}.soft{color:var(--soft);font-size:.9rem}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.4rem 1.5rem;margin:1rem 0}.facts div{border-left:3px solid var(--line);padding-left:.6rem}.facts b{display:block;font-size:1.05rem;overflow-wrap:anywhere}
        .over{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem;margin:1rem 0}.over a{color:inherit;text-decoration:none;border:1px solid var(--line);border-radius:.5rem;padding:.8rem;display:flex;gap:.8rem;align-items:center}
        .control{background:var(--card);border-left:4px solid var(--none);border-radius:0 .4rem .4rem 0;padding:.7rem .9rem;margin:.7rem 0}
        .control.met{border-color:var(--met)}.control.partial{border-color:var(--partial)}.control.failed{border-color:var(--failed)}
        .head{display:flex;justify-content:space-between;gap:1rem;align-items:baseline}.tag{font-size:.78rem;font-weight:600;padding:.05rem .5rem;border-radius:1rem;border:1px solid currentColor;white-space:nowrap}
        .tag.met,.tag.passed{color:var(--met)}.tag.partial{color:var(--partial)}.tag.failed{color:var(--failed)}.tag.not_assessed{color:var(--none)}
        ul{margin:.4rem 0;padding:0;list-style:none}li{margin:.35rem 0}li .tag{margin-right:.4rem}
        table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
        code,pre{font:12.5px/1.45 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
        .record{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem;margin:.6rem 0}.record:target,.control:target{outline:2px solid var(--link)}.record pre{margin:.3rem 0}
        .met-fill{fill:var(--met)}.partial-fill{fill:var(--partial)}.failed-fill{fill:var(--failed)}.none-fill{fill:var(--none)}.ring{fill:none;stroke:var(--line);stroke-width:9}.ring.part{stroke:var(--met)}svg text{fill:var(--ink);font:600 15px system-ui,sans-serif;text-anchor:middle}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;font-size:.9rem}.legend svg{vertical-align:-1px}
        @media print{:root{color-scheme:light;--ink:#1d2126;--soft:#4c565f;--line:#c9d0d6;--page:#fff;--card:#fff;--met:#1a7f4b;--partial:#b7791f;--failed:#b3261e;--none:#8b949e;--link:#0b5cad}body{max-width:none;padding:0;font-size:11px}.control,.record{break-inside:avoid}h2{break-after:avoid}a{color:inherit;text-decoration:none}code,pre{font-size:9px}}
        """;

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    public static string Write(ComplianceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        page.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=\"referrer\" content=\"no-referrer\"><title>Compliance report</title><style>\n");
        page.Append(Style).Append("\n</style></head><body>\n");
        Head(page, report);
        for (int i = 0; i < report.Frameworks.Count; i++)
        {
            Framework(page, report.Frameworks[i], i);
        }

        Violations(page, report);
        Findings(page, report);
        Records(page, report);
        return page.Append("</body></html>\n").ToString();
    }

    private static void Head(StringBuilder page, ComplianceReport report)
    {
        page.Append("<h1>Compliance report</h1>\n<p class=\"soft\">Computed from the records of a log that was verified record by record. A control is met where every check that is needed could be made and passed; what no log can show stays with the organisation and is said beside it.</p>\n<div class=\"facts\">");
        Fact(page, "Log", report.Checkpoint.Checkpoint.Origin);
        Fact(page, "Period", $"{(report.From is { } from ? Short(from) : "start of the log")} to {(report.To is { } to ? Short(to) : "checkpoint")}");
        Fact(page, "Agent", report.Agent ?? "all");
        Fact(page, "Records verified", report.RecordsVerified.ToString("N0", CultureInfo.InvariantCulture) + (report.RecordsPurged > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({report.RecordsPurged:N0} purged before)") : string.Empty));
        Fact(page, "Records considered", report.RecordsConsidered.ToString("N0", CultureInfo.InvariantCulture) + (report.RecordsUnreadable > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({report.RecordsUnreadable:N0} unreadable)") : string.Empty));
        Fact(page, "Witnesses", report.IsWitnessed ? "quorum reached" : "none asked for");
        Fact(page, "Open violations", string.Create(CultureInfo.InvariantCulture, $"{report.OpenViolations:N0} of {report.TotalViolations:N0}"));
        Fact(page, "Made", Short(report.GeneratedAt));
        page.Append("</div>\n<div class=\"over\">");
        for (int i = 0; i < report.Frameworks.Count; i++)
        {
            FrameworkResult framework = report.Frameworks[i];
            page.Append(CultureInfo.InvariantCulture, $"<a href=\"#framework-{i}\">{Ring(framework)}<span><b>{Text(framework.Pack.Title)}</b><br><span class=\"soft\">{framework.Met} met, {framework.Partial} partial, {framework.Failed} failed, {framework.NotAssessed} not assessed</span></span></a>");
        }

        page.Append("</div>\n");
        if (report.Recommendations.Count > 0)
        {
            page.Append("<h2>What to do first</h2>\n<ol>");
            foreach (string recommendation in report.Recommendations)
            {
                page.Append(CultureInfo.InvariantCulture, $"<li>{Text(recommendation)}</li>");
            }

            page.Append("</ol>\n");
        }
    }

    private static void Framework(StringBuilder page, FrameworkResult framework, int at)
    {
        CompliancePack pack = framework.Pack;
        page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"framework-{at}\">{Text(pack.Title)}</h2>\n{Bar(framework)}\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Pack {Text(pack.Framework)} {Text(pack.Version)} of {ReportNames.Of(pack.Reviewed)}. {Text(pack.Source)}</p>\n");
        if (pack.Note is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{Text(pack.Note)}</p>\n");
        }

        if (pack.Dates.Count > 0)
        {
            page.Append("<table><tr><th>Applies from</th><th>What</th><th>Source</th></tr>");
            foreach (FrameworkDate date in pack.Dates)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{ReportNames.Of(date.Applies)}</td><td>{Text(date.Name)}</td><td>{Text(date.Source)}</td></tr>");
            }

            page.Append("</table>\n");
        }

        foreach (ControlResult control in framework.Controls)
        {
            Control(page, control);
        }
    }

    private static void Control(StringBuilder page, ControlResult result)
    {
        ComplianceControl control = result.Control;
        string status = ReportNames.Of(result.Status);
        page.Append(CultureInfo.InvariantCulture, $"<section class=\"control {status}\"><div class=\"head\"><h3>{Text(control.ControlId)} {Text(control.Name)}</h3><span class=\"tag {status}\">{ReportNames.Shown(result.Status)}</span></div>\n<p>{Text(control.Description)}</p>");
        if (result.Violations > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p><a href=\"#violations\">{result.Violations:N0} violations</a> were recorded, {result.OpenViolations:N0} are open.</p>");
        }

        page.Append(result.Checks.Count == 0 ? "<p class=\"soft\">The log cannot speak about this control.</p>" : "<ul>");
        foreach (CheckResult check in result.Checks)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li><span class=\"tag {ReportNames.Of(check.Status)}\">{ReportNames.Shown(check.Status)}</span>{Text(check.Check.Text)} <span class=\"soft\">{Text(check.Explanation)}");
            if (check.Check.Fact is not null && check.Status == CheckStatus.Passed)
            {
                page.Append(" <a href=\"#checkpoint\">Checkpoint</a>.");
            }

            Samples(page, "For", check.ForSamples, check.ForRanges);
            Samples(page, "Against", check.AgainstSamples, check.AgainstRanges);
            page.Append("</span></li>");
        }

        page.Append(result.Checks.Count == 0 ? string.Empty : "</ul>");
        if (control.Organisation is { } duty)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Stays with the organisation: {Text(duty)}</p>");
        }

        page.Append("</section>\n");
    }

    private static void Samples(StringBuilder page, string label, IReadOnlyList<long> samples, IReadOnlyList<IndexRange> ranges)
    {
        if (samples.Count == 0)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $" {label}: ");
        page.AppendJoin(", ", samples.Select(index => string.Create(CultureInfo.InvariantCulture, $"<a href=\"#record-{index}\">{index}</a>")));
        if (ranges.Sum(range => range.Count) > samples.Count)
        {
            page.Append("; all: ");
            page.AppendJoin(", ", ranges.Take(8).Select(range => range.First == range.Last
                ? range.First.ToString(CultureInfo.InvariantCulture)
                : range.Count == range.Last - range.First + 1 ? string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}") : string.Create(CultureInfo.InvariantCulture, $"{range.Count:N0} in {range.First}-{range.Last}")));
            if (ranges.Count > 8)
            {
                page.Append(CultureInfo.InvariantCulture, $", {ranges.Skip(8).Sum(range => range.Count):N0} more up to {ranges[^1].Last}");
            }
        }

        page.Append('.');
    }

    private static void Violations(StringBuilder page, ComplianceReport report)
    {
        if (report.TotalViolations == 0)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"violations\">Violations</h2>\n<p>{report.TotalViolations:N0} in the period, {report.OpenViolations:N0} open.</p><table><tr><th>When</th><th>Control</th><th>Agent</th><th>Severity</th><th>What</th><th>State</th><th>Record</th></tr>");
        foreach (ReportedViolation violation in report.Violations)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Short(violation.OccurredAt)}</td><td>{Text(violation.ControlId)}</td><td>{Text(violation.Agent)}</td><td>{Text(violation.Severity)}</td><td>{Text(violation.Description)}</td><td>{(violation.Remediated ? "remediated" : "open")}</td><td><a href=\"#record-{violation.Index}\">{violation.Index}</a></td></tr>");
        }

        page.Append("</table>\n");
    }

    private static void Findings(StringBuilder page, ComplianceReport report)
    {
        if (report.Findings.Count == 0)
        {
            return;
        }

        page.Append("<h2>Findings of verification</h2>\n<table><tr><th>Finding</th><th>Count</th></tr>");
        foreach ((string kind, long count) in report.Findings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(kind)}</td><td>{count:N0}</td></tr>");
        }

        page.Append("</table>\n");
    }

    private static void Records(StringBuilder page, ComplianceReport report)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"checkpoint\">Checkpoint</h2>\n<p>Everything above is about the {report.Checkpoint.Checkpoint.Size:N0} records of this checkpoint. Its signature is checked with the log's public key.</p><pre>{Text(report.Checkpoint.Note.ToString(), keepLines: true)}</pre>\n");
        if (report.Evidence.Count == 0)
        {
            return;
        }

        page.Append("<h2>Records</h2>\n<p class=\"soft\">Each is a leaf of the log's tree (RFC 6962): SHA-256 of a zero byte and its text gives the leaf hash, and the path leads from there to the root of the checkpoint. The same stands in the report as JSON, which <code>agt compliance verify</code> checks.</p>\n");
        foreach (EvidenceRecord record in report.Evidence)
        {
            page.Append(CultureInfo.InvariantCulture, $"<section class=\"record\" id=\"record-{record.Index}\"><b>Record {record.Index}</b> <code>{record.LeafHash}</code>");
            page.Append(CultureInfo.InvariantCulture, $"<pre>{(record.Leaf.IsEmpty ? "contents left out" : Text(Encoding.UTF8.GetString(record.Leaf.Span)))}</pre><p class=\"soft\">Path: ");
            page.AppendJoin(' ', record.Path.Select(hash => "<code>" + Text(hash.ToBase64()) + "</code>")).Append("</p></section>\n");
        }
    }

    /// <summary>The share of assessed controls that are met, as a ring.</summary>
    private static string Ring(FrameworkResult framework)
    {
        const double Length = 2 * Math.PI * 30;
        string label = framework.Score is { } score ? string.Create(CultureInfo.InvariantCulture, $"{score:0} %") : "none";
        double part = Length * (framework.Score ?? 0) / 100;
        return string.Create(CultureInfo.InvariantCulture, $"<svg style=\"flex:none\" width=\"76\" height=\"76\" viewBox=\"0 0 76 76\" role=\"img\" aria-label=\"{(framework.Score is null ? "nothing assessed" : label + " of assessed controls met")}\"><circle class=\"ring\" cx=\"38\" cy=\"38\" r=\"30\"/><circle class=\"ring part\" cx=\"38\" cy=\"38\" r=\"30\" stroke-dasharray=\"{part:F1} {Length:F1}\" transform=\"rotate(-90 38 38)\"/><text x=\"38\" y=\"43\">{label}</text></svg>");
    }

    /// <summary>All controls by status, as one bar.</summary>
    private static string Bar(FrameworkResult framework)
    {
        var bar = new StringBuilder("<svg width=\"100%\" height=\"18\" viewBox=\"0 0 1000 18\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"controls by status\">");
        var legend = new StringBuilder("<div class=\"legend\">");
        double x = 0;
        foreach ((int count, string css, string name) in new[] { (framework.Met, "met", "met"), (framework.Partial, "partial", "partial"), (framework.Failed, "failed", "failed"), (framework.NotAssessed, "none", "not assessed") })
        {
            double width = framework.Total == 0 ? 0 : 1000.0 * count / framework.Total;
            if (count > 0)
            {
                bar.Append(CultureInfo.InvariantCulture, $"<rect class=\"{css}-fill\" x=\"{x:F1}\" y=\"0\" width=\"{Math.Max(1, width - 2):F1}\" height=\"18\"/>");
            }

            legend.Append(CultureInfo.InvariantCulture, $"<span><svg width=\"11\" height=\"11\"><rect class=\"{css}-fill\" width=\"11\" height=\"11\"/></svg> {count} {name}</span>");
            x += width;
        }

        return bar.Append("</svg>\n").Append(legend).Append("</div>").ToString();
    }

    private static void Fact(StringBuilder page, string name, string value) => page.Append(CultureInfo.InvariantCulture, $"<div><span class=\"soft\">{name}</span><b>{Text(value)}</b></div>");

    private static string Short(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Text that cannot be markup, and without what could reverse the reading order.</summary>
    internal static string Text(string text, bool keepLines = false)
    {
        string shown = text.Length > MaxShown ? text[..MaxShown] + " ... (shortened; the report as JSON holds all of it)" : text;
        var clean = new StringBuilder(shown.Length);
        foreach (Rune rune in shown.EnumerateRunes())
        {
            bool odd = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (odd && !(keepLines && rune.Value == '\n'))
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                clean.Append(rune);
            }
        }

        return WebUtility.HtmlEncode(clean.ToString());
    }
}
