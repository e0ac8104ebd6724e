using System.CommandLine;
using Agt.Policy.Signing;

namespace Agt.Cli;

/// <summary><c>agt policy keygen</c> and <c>agt policy sign</c>: who stands behind a policy file.</summary>
internal static class SigningCommands
{
    private const int MaxKeyBytes = 4_096;

    internal static Command KeyGenerator(CliHost host)
    {
        Argument<string> name = new("name") { Description = "How signatures and decisions name the key.", HelpName = "NAME" };
        var directory = new Option<string>("--out", "-o") { Description = "Where to write NAME.private.jwk and NAME.public.jwk.", HelpName = "DIRECTORY", DefaultValueFactory = _ => "." };
        var command = new ExampleCommand(
            "keygen",
            "Make an Ed25519 key that signs policies: two JSON Web Keys (RFC 8037). Files that are there are never overwritten. Exits with 0, or 2 if a file cannot be written.",
            """
            agt policy keygen ops-1
            agt policy keygen ops-1 --out keys/
            """)
        {
            name, directory,
        };
        command.SetAction(parsed =>
        {
            string id = parsed.GetRequiredValue(name);
            if (string.IsNullOrWhiteSpace(id) || id.Length > 128 || id.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()) || id.StartsWith('.'))
            {
                throw new CliException("the name of a key is 1 to 128 characters that a file name may have, and does not begin with a dot.");
            }

            using var key = PolicyKey.Create(id);
            string place = Path.Combine(parsed.GetRequiredValue(directory), id);
            InputFile.Create(place + ".private.jwk", key.ToPrivateJsonWebKey() + "\n", isSecret: true);
            InputFile.Create(place + ".public.jwk", key.ToPublicJsonWebKey() + "\n", isSecret: false);
            host.Line($"{CliHost.Shown(place + ".private.jwk")}: the private key; keep it where no agent can read it");
            host.Line($"{CliHost.Shown(place + ".public.jwk")}: the public key, for --trust and PolicyLoadOptions.TrustedSigners");
            return ExitCode.Success;
        });
        return command;
    }

    internal static Command Sign(CliHost host)
    {
        Argument<string[]> paths = CommonOptions.Paths();
        var keyFile = new Option<string>("--key", "-k") { Description = "The private key, a JSON Web Key.", HelpName = "FILE", Required = true };
        var command = new ExampleCommand(
            "sign",
            "Sign policy files: FILE.jws beside each, a JSON Web Signature with detached content (RFC 7515). A file that does not load is not signed. Exits with 0, or 1 if a file does not load, or 2 if one cannot be read.",
            """
            agt policy sign policies/ --key ops-1.private.jwk
            agt policy validate policies/ --trust ops-1.public.jwk --require-signed
            """)
        {
            paths, keyFile,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string from = parsed.GetRequiredValue(keyFile);
            using PolicyKey key = Parse(from, await ReadAsync(host, from, cancellationToken).ConfigureAwait(false), PolicyKey.FromJsonWebKey);
            bool refused = false;
            foreach (string file in parsed.GetRequiredValue(paths).SelectMany(PolicyText.Files))
            {
                byte[] policy = await InputFile.ReadAllAsync(host, file, host.Loading.MaxBytes, cancellationToken).ConfigureAwait(false);
                Policy.PolicyLoadResult loaded = Policy.PolicyLoader.Load(file, host.Loading with { RequireSigned = false, TrustedSigners = [] });
                Findings.WriteText(host, loaded.Diagnostics);
                if (!loaded.IsSuccess)
                {
                    refused = true;
                    continue;
                }

                InputFile.Write(file + ".jws", key.Sign(policy) + "\n");
                host.Line($"{CliHost.Shown(file)}: signed by {CliHost.Shown(key.KeyId)}");
            }

            return refused ? ExitCode.Findings : ExitCode.Success;
        });
        return command;
    }

    /// <summary>Reads the public keys that are trusted.</summary>
    internal static PolicySigner[] Trusted(IEnumerable<string> files) =>
        [.. files.Select(file => Parse(file, InputFile.Guard(file, () => new FileInfo(file).Length <= MaxKeyBytes ? File.ReadAllText(file) : string.Empty), PolicySigner.FromJsonWebKey))];

    private static async Task<string> ReadAsync(CliHost host, string file, CancellationToken cancellationToken) =>
        System.Text.Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, file, MaxKeyBytes, cancellationToken).ConfigureAwait(false));

    private static T Parse<T>(string file, string json, Func<string, T> read)
    {
        try
        {
            return read(json);
        }
        catch (FormatException exception)
        {
            throw new CliException($"{InputFile.Name(file)}: {exception.Message} Make a pair with: agt policy keygen NAME.");
        }
    }
}
