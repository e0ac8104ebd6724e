using System.CommandLine;
using Agt.Audit.Notes;
using Agt.Audit.Signing;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit keygen</c>: a key for a log or a witness.</summary>
internal static class KeyCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> name = new("name") { Description = "The origin of the log, or the name of the witness: no white space, no plus sign.", HelpName = "NAME" };
        var output = new Option<string>("--out", "-o") { Description = "Where to write the private key; the public key goes beside it, with .pub behind its name.", HelpName = "FILE", DefaultValueFactory = _ => "log.key" };
        var witness = new Option<bool>("--witness") { Description = "A key that cosigns checkpoints of others, in place of one that signs a log." };
        var command = new ExampleCommand(
            "keygen",
            "Make an Ed25519 key for a log (C2SP signed-note). Files that are there are never overwritten. Exits with 0, or 3 if a file cannot be written.",
            """
            agt audit keygen audit.example.org/prod --out keys/log.key
            agt audit keygen witness.example.org --witness --out witness.key
            """)
        {
            name, output, witness,
        };
        command.SetAction(parsed =>
        {
            AuditKey key;
            try
            {
                key = AuditKey.Create(parsed.GetRequiredValue(name), parsed.GetValue(witness) ? VerifierKey.CosignatureType : VerifierKey.Ed25519Type);
            }
            catch (ArgumentException exception)
            {
                throw new CliException(CliHost.Clean(exception.Message), ExitCode.Usage);
            }

            using (key)
            {
                string file = parsed.GetRequiredValue(output);
                InputFile.Create(file, key.ToPrivateText() + "\n", isSecret: true);
                InputFile.Create(file + ".pub", key + "\n", isSecret: false);
                host.Line($"{CliHost.Shown(file)}: the private key; keep it where no agent can read it, and back it up: without it the log cannot be continued");
                host.Line($"{CliHost.Shown(file)}.pub: the public key, for auditors:");
                host.Line("  " + CliHost.Shown(key.ToString()));
            }

            return AuditExitCode.Verified;
        });
        return command;
    }
}
