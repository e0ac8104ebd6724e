using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Agt.Cli.Audit.Service;

/// <summary><c>agt audit token</c>: lets somebody talk to the audit service.</summary>
internal static class TokenCommand
{
    private const int MaxFileBytes = 4 * 1024 * 1024;

    internal static Command Create(CliHost host)
    {
        Argument<string> name = new("name") { Description = "Who it is: also the beginning of the emitter ids it may use.", HelpName = "NAME" };
        var roles = new Option<string[]>("--role") { Description = "audit-read, audit-write or audit-admin; may be given more than once.", HelpName = "ROLE", Required = true };
        roles.AcceptOnlyFromAmong("audit-read", "audit-write", "audit-admin");
        var agents = new Option<string[]>("--agent") { Description = "An agent whose records it may hand in; one that ends in * is a beginning. May be given more than once.", HelpName = "ID" };
        var file = new Option<string>("--identities") { Description = "The file of identities; made if it is not there. It holds digests of tokens, not the tokens.", HelpName = "FILE", DefaultValueFactory = _ => "identities.json" };
        var command = new ExampleCommand(
            "token",
            "Let somebody talk to the audit service: makes a token, shows it once, and writes its digest into the file of identities. Exits with 0, or 3 if the file is none or has the name already.",
            """
            agt audit token siem --role audit-read --identities ids.json
            agt audit token host-1 --role audit-write --agent 'billing-*' --identities ids.json
            """)
        {
            name, roles, agents, file,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(file);
            JsonObject root = new() { ["identities"] = new JsonArray() };
            if (File.Exists(path))
            {
                byte[] bytes = await InputFile.ReadAllAsync(host, path, MaxFileBytes, cancellationToken).ConfigureAwait(false);
                _ = ServiceIdentities.Parse(path, bytes);
                root = (JsonObject)JsonNode.Parse(bytes)!;
            }

            string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            var identity = new JsonObject { ["name"] = parsed.GetRequiredValue(name), ["token_sha256"] = ServiceIdentities.HashOf(token), ["roles"] = List(parsed.GetRequiredValue(roles)) };
            if (parsed.GetValue(agents) is { Length: > 0 } own)
            {
                identity["agents"] = List(own);
            }

            ((JsonArray)root["identities"]!).Add((JsonNode)identity);
            string text = root.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n", TypeInfoResolver = IngestJson.Default }) + "\n";
            _ = ServiceIdentities.Parse(path, Encoding.UTF8.GetBytes(text));
            InputFile.Write(path, text);
            host.Line("The token, which is shown this once; the service reads the file when it starts:");
            host.Line("  " + token);
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static JsonArray List(IEnumerable<string> items) => new([.. items.Select(item => (JsonNode)JsonValue.Create(item))]);
}
