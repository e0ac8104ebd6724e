using System.Globalization;
using System.Text;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>Writes a report as Markdown. Everything that comes from the log or a pack is escaped: names in a log are chosen by whoever acts in it.</summary>
public static class ReportMarkdown
{
    private const int MaxShown = 300;

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    public static string Write(ComplianceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder("# Compliance report\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- Log: {Text(report.Checkpoint.Checkpoint.Origin)}, {report.Checkpoint.Checkpoint.Size:N0} records, root `{report.Checkpoint.Checkpoint.Root}`\n");
        text.Append(CultureInfo.InvariantCulture, $"- Period: {Period(report)}{(report.Agent is null ? string.Empty : ", agent " + Text(report.Agent))}\n");
        text.Append(CultureInfo.InvariantCulture, $"- Records: {report.RecordsVerified:N0} verified, {report.RecordsConsidered:N0} considered, {report.RecordsUnreadable:N0} unreadable{(report.RecordsPurged > 0 ? string.Create(CultureInfo.InvariantCulture, $", {report.RecordsPurged:N0} purged before and not looked at") : string.Empty)}\n");
        text.Append(CultureInfo.InvariantCulture, $"- Made: {ReportNames.Of(report.GeneratedAt)}; {(report.IsWitnessed ? "witnessed" : "no witness was asked for")}\n");
        text.Append("\nA control is *met* where every check that is needed could be made on the records and passed. What no log can show stays with the organisation and is said beside it.\n");
        foreach (FrameworkResult framework in report.Frameworks)
        {
            Framework(text, framework);
        }

        Violations(text, report);
        if (report.Findings.Count > 0)
        {
            text.Append("\n## Findings of verification\n\n| Finding | Count |\n|---|---|\n");
            foreach ((string kind, long count) in report.Findings)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {Text(kind)} | {count:N0} |\n");
            }
        }

        if (report.Recommendations.Count > 0)
        {
            text.Append("\n## What to do first\n\n");
            foreach (string recommendation in report.Recommendations)
            {
                text.Append("1. ").Append(Text(recommendation)).Append('\n');
            }
        }

        Evidence(text, report);
        return text.ToString();
    }

    private static void Framework(StringBuilder text, FrameworkResult framework)
    {
        CompliancePack pack = framework.Pack;
        text.Append(CultureInfo.InvariantCulture, $"\n## {Text(pack.Title)}\n\n");
        text.Append(framework.Score is { } score ? string.Create(CultureInfo.InvariantCulture, $"**{score:0.0} %** of the assessed controls are met. ") : "**Nothing could be assessed.** ");
        text.Append(CultureInfo.InvariantCulture, $"{framework.Met} met, {framework.Partial} partial, {framework.Failed} failed, {framework.NotAssessed} not assessed, of {framework.Total}.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Pack {Text(pack.Framework)} {Text(pack.Version)} of {ReportNames.Of(pack.Reviewed)}. Source: {Text(pack.Source)}\n");
        if (pack.Note is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Text(pack.Note)}\n");
        }

        if (pack.Dates.Count > 0)
        {
            text.Append("\n| Applies from | What | Source |\n|---|---|---|\n");
            foreach (FrameworkDate date in pack.Dates)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {ReportNames.Of(date.Applies)} | {Text(date.Name)} | {Text(date.Source)} |\n");
            }
        }

        text.Append("\n| Control | Status | Checks passed |\n|---|---|---|\n");
        foreach (ControlResult control in framework.Controls)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Text(control.Control.ControlId)} {Text(control.Control.Name)} | {ReportNames.Shown(control.Status)} | {control.Checks.Count(check => check.Status == CheckStatus.Passed)} of {control.Checks.Count} |\n");
        }

        foreach (ControlResult control in framework.Controls)
        {
            Control(text, control);
        }
    }

    private static void Control(StringBuilder text, ControlResult control)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n### {Text(control.Control.ControlId)} {Text(control.Control.Name)}: {ReportNames.Shown(control.Status)}\n\n{Text(control.Control.Description)}\n");
        if (control.Violations > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{control.Violations:N0} violations were recorded, {control.OpenViolations:N0} are open.\n");
        }

        if (control.Checks.Count == 0)
        {
            text.Append("\nThe log cannot speak about this control.\n");
        }
        else
        {
            text.Append('\n');
        }

        foreach (CheckResult check in control.Checks)
        {
            text.Append(CultureInfo.InvariantCulture, $"- **{ReportNames.Shown(check.Status)}**: {Text(check.Check.Text)} {Text(check.Explanation)}{Samples(" For: ", check.ForSamples, check.ForRanges)}{Samples(" Against: ", check.AgainstSamples, check.AgainstRanges)}\n");
        }

        if (control.Control.Organisation is { } duty)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nStays with the organisation: {Text(duty)}\n");
        }
    }

    private static string Samples(string label, IReadOnlyList<long> samples, IReadOnlyList<IndexRange> ranges)
    {
        if (samples.Count == 0)
        {
            return string.Empty;
        }

        long rest = ranges.Sum(range => range.Count) - samples.Count;
        return label + string.Join(", ", samples.Select(index => string.Create(CultureInfo.InvariantCulture, $"[{index}](#record-{index})"))) + (rest > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {rest:N0} more") : string.Empty) + ".";
    }

    private static void Violations(StringBuilder text, ComplianceReport report)
    {
        if (report.TotalViolations == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## Violations\n\n{report.TotalViolations:N0} in the period, {report.OpenViolations:N0} open.\n\n| When | Control | Agent | Severity | What | State | Record |\n|---|---|---|---|---|---|---|\n");
        foreach (ReportedViolation violation in report.Violations)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {ReportNames.Of(violation.OccurredAt)} | {Text(violation.ControlId)} | {Text(violation.Agent)} | {Text(violation.Severity)} | {Text(violation.Description)} | {(violation.Remediated ? "remediated" : "open")} | [{violation.Index}](#record-{violation.Index}) |\n");
        }
    }

    private static void Evidence(StringBuilder text, ComplianceReport report)
    {
        if (report.Evidence.Count == 0)
        {
            return;
        }

        text.Append("\n## Records\n\nEach is a leaf of the log's tree; the proofs are in the report as JSON (`agt compliance verify`), and `agt audit prove` makes a receipt of any.\n\n| Index | Leaf hash | Record |\n|---|---|---|\n");
        foreach (EvidenceRecord record in report.Evidence)
        {
            text.Append(CultureInfo.InvariantCulture, $"| <a id=\"record-{record.Index}\"></a>{record.Index} | `{record.LeafHash}` | {Text(record.Leaf.IsEmpty ? "left out" : Encoding.UTF8.GetString(record.Leaf.Span))} |\n");
        }

        text.Append("\nCheckpoint:\n\n```text\n").Append(string.Concat(report.Checkpoint.Note.ToString().Where(c => c != '`'))).Append("```\n");
    }

    private static string Period(ComplianceReport report) =>
        $"{(report.From is { } from ? ReportNames.Of(from) : "start of the log")} to {(report.To is { } to ? ReportNames.Of(to) : "checkpoint")}, both included";

    /// <summary>Text that cannot be anything but text: no markup, no table cell, no line of its own, no link that a renderer makes by itself.</summary>
    internal static string Text(string text, int most = MaxShown)
    {
        var escaped = new StringBuilder(text.Length + 16);
        int left = most;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (left-- == 0)
            {
                escaped.Append(" ...");
                break;
            }

            int value = rune.Value;
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    escaped.Append(CultureInfo.InvariantCulture, $"\\\\u{value:x4}");
                    break;
                default:
                    if (value is '<' or '>' or '&')
                    {
                        escaped.Append(value switch { '<' => "&lt;", '>' => "&gt;", _ => "&amp;" });
                    }
                    else if ((value == ':' && (EndsWith(escaped, "http") || EndsWith(escaped, "https") || EndsWith(escaped, "ftp") || EndsWith(escaped, "mailto"))) || (value == '.' && EndsWith(escaped, "www")) || value == '@')
                    {
                        // Renderers turn bare addresses into links.
                        escaped.Append(CultureInfo.InvariantCulture, $"&#{value};");
                    }
                    else
                    {
                        if (value is '\\' or '`' or '*' or '_' or '{' or '}' or '[' or ']' or '#' or '|' or '~' or '!')
                        {
                            escaped.Append('\\');
                        }

                        escaped.Append(rune);
                    }

                    break;
            }
        }

        return escaped.ToString();
    }

    private static bool EndsWith(StringBuilder text, string end) => text.Length >= end.Length && text.ToString(text.Length - end.Length, end.Length).Equals(end, StringComparison.OrdinalIgnoreCase);
}
