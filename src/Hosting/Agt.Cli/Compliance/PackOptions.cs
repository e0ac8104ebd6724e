using System.CommandLine;
using Agt.Cli.Audit;
using Agt.Compliance.Packs;

namespace Agt.Cli.Compliance;

/// <summary>Which frameworks a command is about.</summary>
internal sealed class PackOptions
{
    internal Option<string[]> Frameworks { get; } = new("--framework", "-f")
    {
        Description = "A framework: owasp_asi_2026, owasp_llm_2025, eu_ai_act, nist_ai_rmf, iso_42001, soc2, hipaa, gdpr, one of --packs, or all. May be given more than once. Default: soc2.",
        HelpName = "NAME",
    };

    internal Option<string> Folder { get; } = new("--packs") { Description = "A folder with packs of your own (*.yaml): they extend frameworks of the same name, or add new ones.", HelpName = "FOLDER" };

    internal void AddTo(Command command)
    {
        command.Add(Frameworks);
        command.Add(Folder);
    }

    internal IReadOnlyList<CompliancePack> Select(ParseResult parsed)
    {
        PackLibrary library = Library(parsed.GetValue(Folder));
        try
        {
            return library.Select(parsed.GetValue(Frameworks) ?? []);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message), ExitCode.Usage);
        }
    }

    internal static PackLibrary Library(string? folder) => folder is null ? PackLibrary.BuiltIn() : Guard(() => InputFile.Guard(folder, () => PackLibrary.BuiltIn().WithFolder(folder)));

    /// <summary>Turns problems of data into messages, a line each.</summary>
    internal static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (PackException exception)
        {
            throw new CliException(string.Join("\nagt: ", exception.Problems.Select(problem => CliHost.Clean(problem.ToString()))), AuditExitCode.Unreadable);
        }
    }
}
