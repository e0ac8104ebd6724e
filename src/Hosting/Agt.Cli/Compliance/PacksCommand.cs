using System.CommandLine;
using System.Text.Json;
using Agt.Cli.Audit;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance packs</c>: which frameworks there are, what stands in one, and whether a file of your own is right.</summary>
internal static class PacksCommand
{
    private const int MaxBytes = 1024 * 1024;

    internal static Command Create(CliHost host) => new("packs", "List frameworks, show one, check a pack of your own.") { List(host), Show(host), Check(host) };

    private static ExampleCommand List(CliHost host)
    {
        var options = new PackOptions();
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand("list", "List the frameworks that are known. Exits with 0.", "agt compliance packs list --packs my-packs/") { options.Folder, json };
        command.SetAction(parsed =>
        {
            PackLibrary library = PackOptions.Library(parsed.GetValue(options.Folder));
            if (!parsed.GetValue(json))
            {
                foreach (CompliancePack pack in library.Packs.Values)
                {
                    host.Line($"[bold]{CliHost.Shown(pack.Framework),-16}[/] {CliHost.Shown(pack.Version),-10} {pack.Controls.Count,3} controls  reviewed {ReportNames.Of(pack.Reviewed)}  {CliHost.Shown(pack.Title)}");
                }

                return AuditExitCode.Verified;
            }

            using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
            {
                writer.WriteStartArray();
                foreach (CompliancePack pack in library.Packs.Values)
                {
                    Head(writer, pack);
                    writer.WriteNumber("controls", pack.Controls.Count);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            JsonOutput.End(host.Output);
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static ExampleCommand Show(CliHost host)
    {
        Argument<string> name = new("framework") { Description = "The framework.", HelpName = "NAME" };
        var options = new PackOptions();
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand("show", "Show what a framework asks for, and which records are looked at. Exits with 0, or 2 if there is none of that name.", "agt compliance packs show eu_ai_act") { name, options.Folder, json };
        command.SetAction(parsed =>
        {
            PackLibrary library = PackOptions.Library(parsed.GetValue(options.Folder));
            if (!library.Packs.TryGetValue(parsed.GetRequiredValue(name), out CompliancePack? pack))
            {
                throw new CliException($"There is no framework '{CliHost.Clean(parsed.GetRequiredValue(name))}'. Known are {string.Join(", ", library.Packs.Keys.Select(CliHost.Clean))}.", ExitCode.Usage);
            }

            if (parsed.GetValue(json))
            {
                WriteJson(host, pack);
            }
            else
            {
                WriteText(host, pack);
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    private static ExampleCommand Check(CliHost host)
    {
        Argument<string[]> files = new("file") { Description = "Pack files.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand("check", "Say whether packs of your own are right, and what to mend. Exits with 0, 1 if something is wrong, 3 if a file cannot be read.", "agt compliance packs check my-packs/acme.yaml") { files, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            PackLibrary library = PackLibrary.BuiltIn();
            var problems = new List<PackProblem>();
            foreach (string file in parsed.GetRequiredValue(files))
            {
                byte[] bytes = await InputFile.ReadAllAsync(host, file, MaxBytes, cancellationToken).ConfigureAwait(false);
                try
                {
                    library = library.With(bytes, file);
                }
                catch (PackException exception)
                {
                    problems.AddRange(exception.Problems);
                }
            }

            WriteProblems(host, problems, parsed.GetValue(json));
            return problems.Count == 0 ? AuditExitCode.Verified : AuditExitCode.Tampered;
        });
        return command;
    }

    private static void WriteProblems(CliHost host, List<PackProblem> problems, bool json)
    {
        if (!json)
        {
            foreach (PackProblem problem in problems)
            {
                host.Errors.WriteLine(CliHost.Clean(problem.ToString()));
            }

            host.Line(problems.Count == 0 ? "[green]right[/]" : "[red]wrong[/]");
            return;
        }

        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("valid", problems.Count == 0);
            writer.WriteStartArray("problems");
            foreach (PackProblem problem in problems)
            {
                writer.WriteStartObject();
                writer.WriteString("file", problem.File);
                writer.WriteNumber("line", problem.Line);
                writer.WriteNumber("column", problem.Column);
                writer.WriteString("message", problem.Message);
                writer.WriteString("fix", problem.Fix);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }

    private static void Head(Utf8JsonWriter writer, CompliancePack pack)
    {
        writer.WriteStartObject();
        writer.WriteString("framework", pack.Framework);
        writer.WriteString("title", pack.Title);
        writer.WriteString("version", pack.Version);
        writer.WriteString("source", pack.Source);
        writer.WriteString("reviewed", ReportNames.Of(pack.Reviewed));
    }

    private static void WriteText(CliHost host, CompliancePack pack)
    {
        host.Line($"[bold]{CliHost.Shown(pack.Title)}[/] ({CliHost.Shown(pack.Framework)} {CliHost.Shown(pack.Version)}, reviewed {ReportNames.Of(pack.Reviewed)})");
        host.Line(CliHost.Shown(pack.Source));
        foreach (FrameworkDate date in pack.Dates)
        {
            host.Line($"  from {ReportNames.Of(date.Applies)}  {CliHost.Shown(date.Name)} ({CliHost.Shown(date.Source)})");
        }

        foreach (ComplianceControl control in pack.Controls)
        {
            host.Line($"[bold]{CliHost.Shown(control.ControlId)}[/] {CliHost.Shown(control.Name)}");
            host.Line("  " + CliHost.Shown(control.Description));
            foreach (ControlCheck check in control.Checks)
            {
                string how = check.Fact is { } fact ? "log: " + ReportNames.Of(fact) : $"{check.Among}{(check.Good is null ? string.Empty : "; good: " + check.Good)}{(check.Bad is null ? string.Empty : "; bad: " + check.Bad)}";
                host.Line($"  - {CliHost.Shown(check.Text)}{(check.Critical ? " (decides)" : check.Required ? string.Empty : " (where there is any)")}");
                host.Line("    [grey]" + CliHost.Shown(how) + "[/]");
            }

            if (control.Organisation is { } duty)
            {
                host.Line("  stays with the organisation: " + CliHost.Shown(duty));
            }
        }
    }

    private static void WriteJson(CliHost host, CompliancePack pack)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            Head(writer, pack);
            writer.WriteStartArray("dates");
            foreach (FrameworkDate date in pack.Dates)
            {
                writer.WriteStartObject();
                writer.WriteString("name", date.Name);
                writer.WriteString("applies", ReportNames.Of(date.Applies));
                writer.WriteString("source", date.Source);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("controls");
            foreach (ComplianceControl control in pack.Controls)
            {
                writer.WriteStartObject();
                writer.WriteString("control_id", control.ControlId);
                writer.WriteString("name", control.Name);
                writer.WriteString("category", control.Category);
                writer.WriteString("description", control.Description);
                if (control.Organisation is { } duty)
                {
                    writer.WriteString("organisation", duty);
                }

                writer.WriteStartArray("checks");
                foreach (ControlCheck check in control.Checks)
                {
                    writer.WriteStringValue(check.Text);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
