using System.CommandLine;
using System.Text;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Cli.Audit;

namespace Agt.Cli.Compliance;

/// <summary>The private key of a log, where a command signs with it.</summary>
internal static class LogKey
{
    private const int MaxBytes = 4_096;

    internal static Option<string> Option(string description) => new("--key") { Description = description, HelpName = "FILE" };

    internal static async Task<AuditKey> ReadAsync(CliHost host, string file, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, file, MaxBytes, cancellationToken).ConfigureAwait(false));
        if (AuditKey.TryParse(text, out AuditKey? key))
        {
            if (key.Key.Type == VerifierKey.Ed25519Type)
            {
                return key;
            }

            key.Dispose();
        }

        throw new CliException($"{InputFile.Name(file)}: this holds no private key of a log, such as log.key.", AuditExitCode.Unreadable);
    }
}
