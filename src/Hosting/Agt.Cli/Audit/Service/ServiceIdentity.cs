namespace Agt.Cli.Audit.Service;

/// <summary>Somebody who may talk to the audit service: by a token, or by a client certificate.</summary>
/// <param name="Name">Its name; also the beginning of the emitter ids that it may use.</param>
/// <param name="TokenHash">SHA-256 of the token, 64 hexadecimal digits; null for none.</param>
/// <param name="CertificateHash">SHA-256 of the client certificate, 64 hexadecimal digits; null for none.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Agents">The agents whose records it may hand in; one that ends in <c>*</c> is a beginning.</param>
internal sealed record ServiceIdentity(string Name, string? TokenHash, string? CertificateHash, ServiceRoles Roles, IReadOnlyList<string> Agents)
{
    internal bool MayActFor(string agent) => Roles.HasFlag(ServiceRoles.Admin) || agent == Name ||
        Agents.Any(pattern => pattern.EndsWith('*') ? agent.StartsWith(pattern[..^1], StringComparison.Ordinal) : agent == pattern);

    /// <summary>Whether an emitter id is one of its own: its name, or its name, a slash and something that tells runs apart.</summary>
    internal bool Owns(string emitter) => emitter == Name || (emitter.Length > Name.Length && emitter[Name.Length] == '/' && emitter.StartsWith(Name, StringComparison.Ordinal));
}
