using System.CommandLine;

namespace Agt.Cli;

/// <summary><c>agt policy validate</c> and <c>agt policy lint</c>: say what is wrong with policies.</summary>
internal static class CheckCommands
{
    internal static Command Validate(CliHost host)
    {
        Argument<string[]> paths = CommonOptions.Paths();
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "validate",
            "Say whether policies can be put in force. Exits with 0 if they can, 1 if one is invalid, 2 if one cannot be read.",
            """
            agt policy validate billing.yaml
            agt policy validate policies/ --json
            """)
        {
            paths, json,
        };
        command.SetAction((parsed, token) => CheckAsync(host, parsed.GetRequiredValue(paths), parsed.GetValue(json), sarif: false, strict: false, analyze: false, token));
        return command;
    }

    internal static Command Lint(CliHost host)
    {
        Argument<string[]> paths = CommonOptions.Paths();
        Option<bool> json = CommonOptions.Json();
        var sarif = new Option<bool>("--sarif") { Description = "Write the result as SARIF 2.1.0, for code scanning." };
        var strict = new Option<bool>("--strict") { Description = "Exit with 1 for warnings too." };
        var command = new ExampleCommand(
            "lint",
            "Say everything that is wrong or doubtful in policies. Exits with 0 if there is no error, 1 if there is one, 2 if a file cannot be read.",
            """
            agt policy lint policies/
            agt policy lint policies/ --strict
            agt policy lint policies/ --sarif > policies.sarif
            """)
        {
            paths, json, sarif, strict,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(sarif))
            {
                result.AddError("Give either --json or --sarif.");
            }
        });
        command.SetAction((parsed, token) => CheckAsync(host, parsed.GetRequiredValue(paths), parsed.GetValue(json), parsed.GetValue(sarif), parsed.GetValue(strict), analyze: true, token));
        return command;
    }

    private static async Task<int> CheckAsync(CliHost host, string[] paths, bool json, bool sarif, bool strict, bool analyze, CancellationToken cancellationToken)
    {
        LoadedPolicies loaded = await LoadedPolicies.LoadAnyAsync(host, paths, cancellationToken).ConfigureAwait(false);
        loaded = analyze ? loaded.Analyzed() : loaded;
        if (sarif)
        {
            SarifWriter.Write(host.Output, loaded.Diagnostics);
        }
        else if (json)
        {
            FindingsJson.Write(host.Output, loaded);
        }
        else
        {
            Findings.WriteText(host, loaded.Diagnostics);
            int errors = loaded.Diagnostics.Count(finding => Findings.Severity(finding) == "error");
            int warnings = loaded.Diagnostics.Count - errors;
            string documents = Count(loaded.Documents.Count, "policy", "policies") + (loaded.Manifests > 0 ? ", " + Count(loaded.Manifests, "manifest", "manifests") : string.Empty);
            string rules = Count(loaded.Documents.Sum(document => document.RuleCount), "rule", "rules");
            host.Line(errors > 0
                ? $"[red]invalid[/]: {Count(errors, "error", "errors")}, {Count(warnings, "warning", "warnings")}"
                : $"[green]valid[/]: {documents}, {rules}{(warnings > 0 ? ", " + Count(warnings, "warning", "warnings") : string.Empty)}");
        }

        return loaded.IsUnreadable ? ExitCode.Unreadable
            : loaded.HasErrors || (strict && loaded.Diagnostics.Count > 0) ? ExitCode.Findings : ExitCode.Success;
    }

    private static string Count(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count} {many}";
}
