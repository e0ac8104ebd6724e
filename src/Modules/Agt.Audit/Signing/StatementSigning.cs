using Agt.Audit.Statements;

namespace Agt.Audit.Signing;

/// <summary>Signs statements with the key of a log.</summary>
public static class StatementSigning
{
    /// <summary>Signs a statement: an envelope that whoever has the log's public key can check.</summary>
    /// <param name="signer">The signer.</param>
    /// <param name="statement">The statement.</param>
    /// <exception cref="IOException">The signer cannot be reached.</exception>
    public static DsseEnvelope Sign(this IAuditSigner signer, InTotoStatement statement)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(statement);
        byte[] payload = statement.ToUtf8();
        byte[] signature = signer.Sign(DsseEnvelope.ToBeSigned(InTotoStatement.PayloadType, payload));
        return new DsseEnvelope(InTotoStatement.PayloadType, payload, [new DsseSignature($"{signer.Key.Name}+{signer.Key.KeyId:x8}", signature)]);
    }
}
