using System.CommandLine;
using System.Text;
using Agt.Audit.Notes;

namespace Agt.Cli.Audit;

/// <summary>Whom the user trusts: a key, or a policy of logs and witnesses.</summary>
internal sealed class AuditTrust
{
    private const int MaxBytes = 1024 * 1024;

    internal Option<string> Key { get; } = new("--vkey", "-k")
    {
        Description = "The public key of the log: its text (name+hash+base64), or a file that holds it, such as log.key.pub. Have it from somewhere else than the log itself.",
        HelpName = "KEY",
    };

    internal Option<string> Policy { get; } = new("--policy", "-p") { Description = "A trust policy (C2SP tlog-policy): logs, witnesses and a quorum.", HelpName = "FILE" };

    internal void AddTo(Command command)
    {
        command.Add(Key);
        command.Add(Policy);
    }

    /// <summary>Reads whom to trust; null if the user named nobody.</summary>
    internal async Task<TrustPolicy?> ReadAsync(CliHost host, ParseResult parsed, CancellationToken cancellationToken)
    {
        string? key = parsed.GetValue(Key);
        string? policy = parsed.GetValue(Policy);
        if (key is not null && policy is not null)
        {
            throw new CliException("--vkey and --policy are two ways to say whom to trust; give one.", ExitCode.Usage);
        }

        if (policy is not null)
        {
            string text = await TextAsync(host, policy, cancellationToken).ConfigureAwait(false);
            return TrustPolicy.TryParse(text, out TrustPolicy? read, out string? error) ? read : throw new CliException($"{InputFile.Name(policy)}: {CliHost.Clean(error)}", AuditExitCode.Unreadable);
        }

        if (key is null)
        {
            return null;
        }

        return TrustPolicy.Of(await ReadKeyAsync(host, key, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads the public key of a log: its text, or a file that holds it.</summary>
    internal static async Task<VerifierKey> ReadKeyAsync(CliHost host, string key, CancellationToken cancellationToken)
    {
        if (!VerifierKey.TryParse(key, out VerifierKey? parsed))
        {
            string text = (await TextAsync(host, key, cancellationToken).ConfigureAwait(false)).Trim();
            if (!VerifierKey.TryParse(text, out parsed))
            {
                throw new CliException($"{InputFile.Name(key)}: this holds no public key of a log: one line, name+hash+base64.", AuditExitCode.Unreadable);
            }
        }

        return parsed.Type == VerifierKey.Ed25519Type ? parsed : throw new CliException("The key is that of a witness; a log has a key of type 1.", AuditExitCode.Unreadable);
    }

    private static async Task<string> TextAsync(CliHost host, string file, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, file, MaxBytes, cancellationToken).ConfigureAwait(false));
}
