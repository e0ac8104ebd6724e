using System.Globalization;
using System.Net;
using System.Text;

namespace Agt.Cli.Backtest;

/// <summary>The report as one HTML page that needs nothing else.</summary>
internal static class BacktestHtml
{
    internal static string Write(BacktestReport report, string origin, string policies)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Backtest</title><style>");
        page.Append("body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1c1c;background:#fff}table{border-collapse:collapse;width:100%;margin:1rem 0}");
        page.Append("th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.bar{background:#e6e6e6;height:.8rem}.bar div{height:100%}");
        page.Append(".d{background:#b3261e}.a{background:#146c2e}.q{background:#b26a00}.s{background:#8a8a8a}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#444}.bar{background:#333}}</style></head><body>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>What would change</h1><p>Log {Text(origin)}, policies {Text(policies)}.</p>");
        page.Append("<table><tr><th></th><th class=\"n\">decisions</th><th style=\"width:50%\"></th></tr>");
        foreach ((Change change, string name, string color) in new[] { (Change.NewlyDenied, "newly denied", "d"), (Change.NewlyAllowed, "newly allowed", "a"), (Change.NewlyAsked, "a person is asked now", "q"), (Change.NoLongerAsked, "nobody is asked any more", "q"), (Change.Same, "the same", "s") })
        {
            double share = report.Replayed == 0 ? 0 : 100.0 * report.Of(change) / report.Replayed;
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td class=\"n\">{report.Of(change):N0}</td><td><div class=\"bar\"><div class=\"{color}\" style=\"width:{share:F2}%\"></div></div></td></tr>");
        }

        page.Append(CultureInfo.InvariantCulture, $"</table><p>{report.Records:N0} records, {report.Replayed:N0} decided on again. Not decided on again: {report.Of(NotReplayed.NoArguments):N0} whose arguments are not in the log, {report.Of(NotReplayed.Unreadable):N0} that cannot be read as actions, {report.Of(NotReplayed.NoDecision):N0} that are no decisions. {report.DeniedByOthers:N0} denials were not a rule's.</p>");
        page.Append("<h2>By agent, tool and rule</h2><table><tr><th>change</th><th>agent</th><th>tool</th><th>decided by, then</th><th>decided by, now</th><th class=\"n\">count</th><th class=\"n\">first record</th></tr>");
        foreach (var group in report.Groups.Take(1_000))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{BacktestCommand.Name(group.Change)}</td><td>{Text(group.Agent)}</td><td>{Text(group.What)}</td><td>{Text(group.Before)}</td><td>{Text(group.After)}</td><td class=\"n\">{group.Count:N0}</td><td class=\"n\">{group.First}</td></tr>");
        }

        return page.Append("</table></body></html>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(CliHost.Clean(text));
}
