namespace Agt.Audit.Queries;

/// <summary>A record and its place.</summary>
/// <param name="Index">Its place in the log, from 0.</param>
/// <param name="Leaf">Its bytes, as they are hashed.</param>
public sealed record AuditEntry(long Index, ReadOnlyMemory<byte> Leaf);
