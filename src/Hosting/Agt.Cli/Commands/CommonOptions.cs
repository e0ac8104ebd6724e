using System.CommandLine;

namespace Agt.Cli;

/// <summary>Options and arguments that several commands share. Each call makes new ones.</summary>
internal static class CommonOptions
{
    internal static Option<string[]> Policies() => new("--policy", "-p")
    {
        Description = "A policy file, or a directory of *.yaml and *.yml files. May be given more than once; all stand together.",
        HelpName = "PATH",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
    };

    internal static Argument<string[]> Paths() => new("path")
    {
        Description = "Policy files, or directories of *.yaml and *.yml files.",
        HelpName = "PATH",
        Arity = ArgumentArity.OneOrMore,
    };

    internal static Option<bool> Json(string description = "Write the result as JSON.") => new("--json") { Description = description };
}
