using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// Where the leaves of a log lie. One writer at a time, which the store makes sure of by a lock; any number of readers.
/// </summary>
/// <remarks>
/// Writing members are called by one thread. Reading members are thread-safe and see what has been appended. All block while they read or write.
/// </remarks>
public interface IAuditStore : ITileSource, IDisposable
{
    /// <summary>How many leaves are durable.</summary>
    long Size { get; }

    /// <summary>Takes leaves behind those that are there; when it returns they survive a power cut. After an exception nothing of the batch counts, and it may be tried again.</summary>
    /// <param name="batch">The leaves; their first index is <see cref="Size"/>.</param>
    /// <exception cref="IOException">The store cannot take them now.</exception>
    void Append(AuditBatch batch);

    /// <summary>Reads leaves in order.</summary>
    /// <param name="first">The index of the first one.</param>
    /// <param name="count">How many; fewer come back where the log ends.</param>
    /// <exception cref="InvalidDataException">What lies there is not what was written.</exception>
    IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count);

    /// <summary>The latest checkpoint that was written; empty if there is none.</summary>
    ReadOnlyMemory<byte> ReadCheckpoint();

    /// <summary>Replaces the checkpoint, durably and as a whole; the hashes of its tree are durable before it is.</summary>
    /// <param name="note">The signed note.</param>
    void WriteCheckpoint(ReadOnlySpan<byte> note);
}
