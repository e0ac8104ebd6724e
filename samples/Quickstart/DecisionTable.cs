using System.Globalization;
using Agt;
using Spectre.Console;

namespace Quickstart;

/// <summary>Shows decisions as a table: coloured at a terminal, plain when the output goes elsewhere.</summary>
internal static class DecisionTable
{
    public static void Show(IAnsiConsole console, TimedLog log)
    {
        Table table = new Table().Border(console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumns("Agent", "Tool", "Decision", "Rule", "On the result");
        table.AddColumn(new TableColumn("Decided in").RightAligned());
        foreach ((Agt.Audit.DecisionRecord record, TimeSpan took, Decision? onResult) in log.ToolCalls)
        {
            Decision decision = record.Decision;
            string rule = decision.Contributions.Select(contribution => contribution.Verdict.Detail?.Rule).FirstOrDefault(name => name is not null) ?? (decision.Reason == ReasonCodes.DefaultDeny ? "no rule matched" : decision.Reason.Code);
            string result = onResult is null ? "-" : !onResult.IsAllowed ? "[red]withheld[/]" : onResult.HasPatches ? "[yellow]redacted[/] by " + Markup.Escape(onResult.Detail.Rule ?? "policy") : "unchanged";
            table.AddRow(
                Markup.Escape(record.Action.Template.Principal.Agent.Value),
                Markup.Escape(record.Action.Template.Tool!.Name),
                Outcome(decision, record.Approver),
                Markup.Escape(rule),
                result,
                string.Create(CultureInfo.InvariantCulture, $"{took.TotalMicroseconds:F1} us"));
        }

        console.Write(table);
    }

    private static string Outcome(Decision decision, string? approver) => decision switch
    {
        { IsAllowed: false } when approver is not null => "[red]refused[/] by " + Markup.Escape(approver),
        { IsAllowed: false } => "[red]denied[/]",
        _ when approver is not null => "[blue]approved[/] by " + Markup.Escape(approver),
        _ => "[green]allowed[/]",
    };
}
