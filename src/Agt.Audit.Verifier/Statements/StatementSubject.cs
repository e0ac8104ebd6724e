using Agt.Audit.Merkle;

namespace Agt.Audit.Statements;

/// <summary>What a statement is about: something with a digest. Immutable and thread-safe.</summary>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Sha256">Its digest.</param>
public sealed record StatementSubject(string Name, LogHash Sha256);
