namespace Agt.Audit.Signing;

/// <summary>A key that is being replaced and goes on signing beside the new one for a while, so that whoever only knows the old one is not cut off (spec 09, AUD-312).</summary>
/// <param name="Signer">The old key; its name is that of the log.</param>
/// <param name="Until">When it stops.</param>
public sealed record RetiringKey(IAuditSigner Signer, DateTimeOffset Until);
