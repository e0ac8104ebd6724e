using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Sealing;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Spectre.Console;

namespace Agt.Cli.Backtest;

/// <summary><c>agt policy backtest</c>: what other policies would have decided about what really happened.</summary>
internal static class BacktestCommand
{
    internal static Command Create(CliHost host)
    {
        Option<string[]> policies = CommonOptions.Policies();
        var log = new Option<string>("--log", "-l") { Description = "The directory of an audit log whose records hold arguments: in clear, or sealed with --seal-key.", HelpName = "DIRECTORY", Required = true };
        Option<string> sealKey = SealingCommands.KeyOption();
        var html = new Option<string>("--html") { Description = "Write the report as one HTML page.", HelpName = "FILE" };
        Option<bool> json = CommonOptions.Json();
        var failOnChange = new Option<bool>("--fail-on-change") { Description = "Exit with 1 if any decision would change." };
        var command = new ExampleCommand(
            "backtest",
            "Replay the recorded actions of an audit log against other policies and show what would have changed: newly denied, newly allowed, asked about, by agent, tool and rule. Records are taken in their order, with their time, labels and counts. Exits with 0, or 2 if the log cannot be read.",
            """
            agt policy backtest --log audit/ --policy new-policies/
            agt policy backtest --log audit/ --policy new.yaml --json --fail-on-change
            agt policy backtest --log audit/ --policy new.yaml --html report.html
            """)
        {
            policies, log, sealKey, html, json, failOnChange,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            string[] paths = parsed.GetRequiredValue(policies);
            LoadedPolicies loaded = LoadedPolicies.Require(host, paths);
            string directory = parsed.GetRequiredValue(log);
            IAuditStore opened;
            try
            {
                opened = LogDirectory.Open(directory);
            }
            catch (CliException exception)
            {
                throw new CliException(exception.Message);
            }

            using (opened)
            using (SealedLog? sealedLog = SealingCommands.Open(directory, parsed.GetValue(sealKey)))
            {
                BacktestReport report = Replay(host, opened, new RecordedActionReader(sealedLog, directory), new ActionDecider(loaded.Compile(), ClockMode.Timestamps, host.Time), parsed.GetValue(json), cancellationToken);
                string origin = SignedCheckpoint.TryParse(opened.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out _) ? checkpoint.Checkpoint.Origin : directory;
                if (parsed.GetValue(html) is { } file)
                {
                    InputFile.Write(file, BacktestHtml.Write(report, origin, string.Join(", ", paths)));
                }

                if (parsed.GetValue(json))
                {
                    WriteJson(host, report, origin);
                }
                else
                {
                    WriteText(host, report);
                }

                return Task.FromResult(parsed.GetValue(failOnChange) && report.Replayed > report.Of(Change.Same) ? ExitCode.Findings : ExitCode.Success);
            }
        });
        return command;
    }

    internal static string Name(Change change) => change switch
    {
        Change.NewlyDenied => "newly denied",
        Change.NewlyAllowed => "newly allowed",
        Change.NewlyAsked => "asked now",
        Change.NoLongerAsked => "no longer asked",
        _ => "same",
    };

    private static BacktestReport Replay(CliHost host, IAuditStore store, RecordedActionReader reader, ActionDecider decider, bool json, CancellationToken cancellationToken)
    {
        if (!host.IsTerminal || json)
        {
            return Replay(store, reader, decider, null, cancellationToken);
        }

        BacktestReport? report = null;
        host.Terminal.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("records", maxValue: Math.Max(1, store.Size));
            report = Replay(store, reader, decider, count => task.Value = count, cancellationToken);
        });
        return report!;
    }

    private static BacktestReport Replay(IAuditStore store, RecordedActionReader reader, ActionDecider decider, Action<long>? progress, CancellationToken cancellationToken)
    {
        var report = new BacktestReport();
        var counts = new Dictionary<string, (int Tools, int Models)>(StringComparer.Ordinal);
        long index = store.First;
        foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(index, long.MaxValue - index))
        {
            if (index % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke(index);
            }

            NotReplayed reason = reader.TryRead(leaf, index, out RecordedAction? then);
            if (then is null)
            {
                report.Skip(reason);
            }
            else
            {
                report.Add(index, then, decider.Decide(Counted(then, counts)));
            }

            index++;
        }

        return report;
    }

    /// <summary>The action with what its session had used by then: calls that were allowed before.</summary>
    private static ActionInput Counted(RecordedAction then, Dictionary<string, (int Tools, int Models)> counts)
    {
        if (then.Action.Session is not { Id: { } session } facts)
        {
            return then.Action;
        }

        counts.TryGetValue(session, out (int Tools, int Models) used);
        if (then.WasAllowed)
        {
            counts[session] = then.Action.Point switch
            {
                InterventionPoint.PreToolCall => (used.Tools + 1, used.Models),
                InterventionPoint.PreModelCall => (used.Tools, used.Models + 1),
                _ => used,
            };
        }

        return then.Action with { Session = facts with { ToolCalls = used.Tools, ModelCalls = used.Models } };
    }

    private static void WriteText(CliHost host, BacktestReport report)
    {
        host.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Records:N0} records, {report.Replayed:N0} decided on again"));
        foreach ((NotReplayed reason, string text) in new[] { (NotReplayed.NoArguments, "whose arguments are not in the log (record them with ContextCapture.Sealed or Clear, and give --seal-key)"), (NotReplayed.Unreadable, "that cannot be read as actions"), (NotReplayed.NoDecision, "that are no decisions") })
        {
            if (report.Of(reason) > 0)
            {
                host.Line(string.Create(CultureInfo.InvariantCulture, $"  not decided on again: {report.Of(reason):N0} {text}"));
            }
        }

        foreach (Change change in new[] { Change.NewlyDenied, Change.NewlyAllowed, Change.NewlyAsked, Change.NoLongerAsked, Change.Same })
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  {Name(change),-16} {report.Of(change),12:N0}"));
        }

        if (report.DeniedByOthers > 0)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  {report.DeniedByOthers:N0} denials were not a rule's: budgets, approvals, signals. Policies alone cannot repeat them."));
        }

        if (report.Replayed == report.Of(Change.Same))
        {
            return;
        }

        var table = new Table().Border(TableBorder.Ascii).AddColumns("Change", "Agent", "Tool", "Decided by, then", "Decided by, now", "Count", "First record");
        foreach (var group in report.Groups.Take(50))
        {
            table.AddRow(
                Name(group.Change), CliHost.Shown(group.Agent), CliHost.Shown(group.What), CliHost.Shown(group.Before), CliHost.Shown(group.After),
                group.Count.ToString("N0", CultureInfo.InvariantCulture), group.First.ToString(CultureInfo.InvariantCulture));
        }

        host.Terminal.Write(table);
    }

    private static void WriteJson(CliHost host, BacktestReport report, string origin)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.backtest/1");
            writer.WriteString("origin", origin);
            writer.WriteNumber("records", report.Records);
            writer.WriteNumber("replayed", report.Replayed);
            writer.WriteStartObject("not_replayed");
            writer.WriteNumber("no_arguments", report.Of(NotReplayed.NoArguments));
            writer.WriteNumber("unreadable", report.Of(NotReplayed.Unreadable));
            writer.WriteNumber("no_decision", report.Of(NotReplayed.NoDecision));
            writer.WriteEndObject();
            writer.WriteNumber("denied_by_others", report.DeniedByOthers);
            writer.WriteStartObject("changes");
            writer.WriteNumber("newly_denied", report.Of(Change.NewlyDenied));
            writer.WriteNumber("newly_allowed", report.Of(Change.NewlyAllowed));
            writer.WriteNumber("newly_asked", report.Of(Change.NewlyAsked));
            writer.WriteNumber("no_longer_asked", report.Of(Change.NoLongerAsked));
            writer.WriteNumber("same", report.Of(Change.Same));
            writer.WriteEndObject();
            writer.WriteStartArray("groups");
            foreach (var group in report.Groups)
            {
                writer.WriteStartObject();
                writer.WriteString("change", Name(group.Change).Replace(' ', '_'));
                writer.WriteString("agent", group.Agent);
                writer.WriteString("action", group.What);
                writer.WriteString("rule_then", group.Before);
                writer.WriteString("rule_now", group.After);
                writer.WriteNumber("count", group.Count);
                writer.WriteNumber("first_index", group.First);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
