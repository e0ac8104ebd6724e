using Agt.Audit.Notes;

namespace Agt.Audit.Signing;

/// <summary>
/// Signs the checkpoints of a log: a key in a file, in a key store or behind a remote service. Implementations are thread-safe.
/// </summary>
/// <remarks>A signer that runs in another process, as another user, is what keeps a compromised agent from signing a tree of its own.</remarks>
public interface IAuditSigner
{
    /// <summary>The public key; its name is the origin of the log.</summary>
    VerifierKey Key { get; }

    /// <summary>Signs.</summary>
    /// <param name="text">The text of the note.</param>
    /// <returns>The signature, 64 bytes.</returns>
    /// <exception cref="IOException">The signer cannot be reached. The log goes on without new checkpoints for ten minutes.</exception>
    byte[] Sign(string text);
}
