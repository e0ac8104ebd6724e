using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Agt.Cli.Audit.Service;

/// <summary>Who may talk to the audit service: a JSON file that holds digests of tokens and certificates, and no secret.</summary>
internal sealed class ServiceIdentities
{
    private const int MaxIdentities = 10_000;
    private readonly ServiceIdentity[] _identities;

    private ServiceIdentities(ServiceIdentity[] identities) => _identities = identities;

    /// <summary>Everybody, with every role: only for a service that listens on the machine itself.</summary>
    internal static ServiceIdentity Anonymous { get; } = new("anonymous", null, null, ServiceRoles.Admin, ["*"]);

    /// <summary>Reads the file.</summary>
    /// <exception cref="CliException">It is none; the message says where and what would be right.</exception>
    internal static ServiceIdentities Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            JsonElement list = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("identities", out JsonElement found) && found.ValueKind == JsonValueKind.Array
                ? found
                : throw Wrong("it is an object with a list 'identities'");
            ServiceIdentity[] identities = [.. list.EnumerateArray().Select((element, i) => Read(element, $"identities[{i}]"))];
            if (identities.Length is 0 or > MaxIdentities || identities.Select(identity => identity.Name).Distinct(StringComparer.Ordinal).Count() != identities.Length)
            {
                throw Wrong($"it has 1 to {MaxIdentities} identities, each with a name of its own");
            }

            return new ServiceIdentities(identities);
        }
        catch (JsonException exception)
        {
            throw Wrong("it is JSON: " + exception.Message);
        }

        ServiceIdentity Read(JsonElement element, string place)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                throw Wrong($"{place} is an object");
            }

            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (member.Name is not ("name" or "token_sha256" or "certificate_sha256" or "roles" or "agents"))
                {
                    throw Wrong($"{place} has no member '{member.Name}': name, token_sha256, certificate_sha256, roles, agents");
                }
            }

            string name = Text(element, "name") is { Length: > 0 and <= 100 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? text : throw Wrong($"{place}.name is 1 to 100 letters, digits, dots, dashes and underscores");
            string? token = Digest("token_sha256");
            string? certificate = Digest("certificate_sha256");
            if (token is null && certificate is null)
            {
                throw Wrong($"{place} has a token_sha256 or a certificate_sha256");
            }

            ServiceRoles roles = ServiceRoles.None;
            foreach (string role in List("roles"))
            {
                roles |= role switch
                {
                    "audit-read" => ServiceRoles.Read,
                    "audit-write" => ServiceRoles.Write,
                    "audit-admin" => ServiceRoles.Admin,
                    _ => throw Wrong($"{place}.roles are audit-read, audit-write and audit-admin"),
                };
            }

            return new ServiceIdentity(name, token, certificate, roles != ServiceRoles.None ? roles : throw Wrong($"{place}.roles is not empty"), List("agents"));

            string? Digest(string member) => !element.TryGetProperty(member, out _) ? null
                : Text(element, member) is { Length: 64 } hex && hex.All(char.IsAsciiHexDigitLower) ? hex : throw Wrong($"{place}.{member} has 64 lower-case hexadecimal digits");

            string[] List(string member) => !element.TryGetProperty(member, out JsonElement items) ? []
                : items.ValueKind == JsonValueKind.Array && items.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? [.. items.EnumerateArray().Select(item => item.GetString()!)]
                : throw Wrong($"{place}.{member} is a list of texts");
        }

        CliException Wrong(string rule) => new($"{InputFile.Name(file)}: this says not who may talk to the service: {CliHost.Clean(rule)}.", AuditExitCode.Unreadable);

        static string? Text(JsonElement element, string member) => element.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>The digest of a token, as it stands in the file.</summary>
    internal static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Who a token is of; null for nobody. Takes as long for every token.</summary>
    internal ServiceIdentity? OfToken(string token) => Find(HashOf(token), static identity => identity.TokenHash);

    /// <summary>Who a client certificate is of; null for nobody.</summary>
    internal ServiceIdentity? OfCertificate(byte[] certificate) => Find(Convert.ToHexStringLower(SHA256.HashData(certificate)), static identity => identity.CertificateHash);

    private ServiceIdentity? Find(string hash, Func<ServiceIdentity, string?> of)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(hash);
        ServiceIdentity? found = null;
        foreach (ServiceIdentity identity in _identities)
        {
            if (of(identity) is { } known && CryptographicOperations.FixedTimeEquals(wanted, Encoding.ASCII.GetBytes(known)))
            {
                found = identity;
            }
        }

        return found;
    }
}
