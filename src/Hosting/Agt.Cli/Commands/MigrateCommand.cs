using System.CommandLine;
using Agt.Policy;

namespace Agt.Cli;

/// <summary><c>agt policy migrate</c>: brings 1.0 documents to the current form.</summary>
internal static class MigrateCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> path = new("path") { Description = "A policy file.", HelpName = "FILE" };
        var write = new Option<bool>("--write", "-w") { Description = "Write the result to the file; otherwise it goes to standard output." };
        var command = new ExampleCommand(
            "migrate",
            "Bring a 1.0 document to apiVersion governance.toolkit/v1; comments and order stay. A result that would not load is not written. Exits with 0, or 1 if it cannot be migrated, or 2 if it cannot be read.",
            """
            agt policy migrate old.yaml > new.yaml
            agt policy migrate old.yaml --write
            """)
        {
            path, write,
        };
        command.SetAction(parsed =>
        {
            PolicyText policy = PolicyText.Read(parsed.GetRequiredValue(path));
            string migrated = PolicyMigration.Migrate(policy);
            PolicyLoadResult loaded = PolicyLoader.LoadText(migrated, policy.Path);
            Findings.WriteText(host, loaded.Diagnostics);
            if (!loaded.IsSuccess)
            {
                throw new CliException($"{InputFile.Name(policy.Path)}: nothing is written, because the result would not load; mend what stands above first.", ExitCode.Findings);
            }

            if (!parsed.GetValue(write))
            {
                host.Text.Write(migrated);
            }
            else if (ReferenceEquals(migrated, policy.Text))
            {
                host.Line($"{CliHost.Shown(policy.Path)}: is current");
            }
            else
            {
                InputFile.Replace(policy.Path, migrated);
                host.Line($"{CliHost.Shown(policy.Path)}: migrated");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
