using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Agt.Cli.Audit;
using Agt.Cli.Audit.Service;
using Agt.Cli.Backtest;
using Agt.Cli.Compliance;
using Agt.Policy;

namespace Agt.Cli;

/// <summary>All commands, and how they end.</summary>
internal static class CommandTree
{
    private const string AuditName = "audit";
    private const string ComplianceName = "compliance";

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    internal static async Task<int> RunAsync(CliHost host, string[] arguments, CancellationToken cancellationToken = default)
    {
        var profile = new Option<string>("--profile")
        {
            Description = "Whose rules hold: strict, or agent-os-1.0 for the documented behaviour of the original engine.",
            DefaultValueFactory = _ => "strict",
            Recursive = true,
        };
        profile.AcceptOnlyFromAmong("strict", "agent-os-1.0");
        var skip = new Option<bool>("--skip-non-linear")
        {
            Description = "Turn off rules whose pattern cannot be matched in linear time, with a warning each, in place of refusing their file.",
            Recursive = true,
        };
        var trust = new Option<string[]>("--trust")
        {
            Description = "A public key (JSON Web Key) whose signatures of policy files are trusted; a signature beside a file must then hold. May be given more than once.",
            HelpName = "FILE",
            Recursive = true,
        };
        var signed = new Option<bool>("--require-signed")
        {
            Description = "Refuse policies without a signature of a trusted key.",
            Recursive = true,
        };
        ParseResult parsed = Create(host, profile, skip, trust, signed).Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong && parsed.CommandResult.Command.Subcommands.Count == 0)
        {
            wrong.ShowHelp = false;
        }

        bool audit = parsed.RootCommandResult.Children.OfType<System.CommandLine.Parsing.CommandResult>().Any(result => result.Command.Name is AuditName or ComplianceName);
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = host.Text, Error = host.Errors };
        try
        {
            if (parsed.Errors.Count == 0)
            {
                host.Loading = new PolicyLoadOptions
                {
                    Profile = parsed.GetValue(profile) == "agent-os-1.0" ? PolicyProfile.AgentOs10 : PolicyProfile.Strict,
                    SkipNonLinearPatterns = parsed.GetValue(skip),
                    TrustedSigners = SigningCommands.Trusted(parsed.GetValue(trust) ?? []),
                    RequireSigned = parsed.GetValue(signed),
                };
            }

            int code = await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
            return parsed.Errors.Count == 0 ? code : audit ? AuditExitCode.Usage : ExitCode.Usage;
        }
        catch (CliException exception)
        {
            host.Errors.WriteLine("agt: " + exception.Message);
            return !audit ? exception.ExitCode : exception.ExitCode switch
            {
                ExitCode.Unreadable => AuditExitCode.Unreadable,
                ExitCode.Usage => AuditExitCode.Usage,
                int code => code,
            };
        }
        catch (InvalidDataException exception) when (audit)
        {
            host.Errors.WriteLine("agt: " + CliHost.Clean(exception.Message));
            return AuditExitCode.Tampered;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException)
        {
            // Reading is guarded where it happens; what is left is writing to somebody who has gone.
            return ExitCode.BrokenPipe;
        }
    }

    private static RootCommand Create(CliHost host, params Option[] shared)
    {
        var policy = new Command("policy", "Check, evaluate, test, explain, compare, migrate and format policies.")
        {
            CheckCommands.Validate(host),
            CheckCommands.Lint(host),
            EvalCommand.Create(host),
            TestCommand.Create(host),
            ExplainCommand.Create(host),
            DiffCommand.Create(host),
            MigrateCommand.Create(host),
            FormatCommand.Create(host),
            BacktestCommand.Create(host),
            SigningCommands.KeyGenerator(host),
            SigningCommands.Sign(host),
        };
        foreach (Option option in shared)
        {
            policy.Add(option);
        }

        var audit = new Command(AuditName, "Verify, prove, query and export audit logs.")
        {
            VerifyCommand.Create(host),
            ReceiptCommands.Prove(host),
            ReceiptCommands.Check(host),
            ReadCommands.Show(host),
            ReadCommands.Query(host),
            ReadCommands.Tail(host),
            ReadCommands.Export(host),
            ReadCommands.Publish(host),
            RestoreCommand.Create(host),
            BomCommand.Create(host),
            ImportCommand.Create(host),
            SealingCommands.Erase(host),
            RetentionCommands.Hold(host),
            RetentionCommands.Purge(host),
            RetentionCommands.Archive(host),
            ServerCommands.Witness(host),
            ServeCommand.Create(host),
            TokenCommand.Create(host),
            KeyCommand.Create(host),
            RotateCommand.Create(host),
        };
        var compliance = new Command(ComplianceName, "Report what an audit log says about frameworks, with proofs; classify, document and attest.")
        {
            ReportCommand.Create(host),
            VerifyReportCommand.Create(host),
            PacksCommand.Create(host),
            ClassifyCommand.Create(host),
            DossierCommand.Create(host),
            AttestCommand.Create(host),
        };
        var root = new RootCommand("Governs AI agents by policies, and proves what they did.") { policy, audit, compliance };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelpAction((HelpAction)help.Action!, root.Name);
        return root;
    }
}
