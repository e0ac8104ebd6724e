using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// Where the leaves of a log lie. One writer at a time, which the store makes sure of by a lock; any number of readers.
/// </summary>
/// <remarks>
/// <see cref="Append"/> is called by one thread at a time and so is <see cref="WriteCheckpoint"/>; the two may be called at once. Reading members are thread-safe and see what has been appended: the
/// hashes of a leaf are there when it counts. All block while they read or write. A store that was opened for reading refuses to write with an <see cref="InvalidOperationException"/>.
/// </remarks>
public interface IAuditStore : ITileSource, IDisposable
{
    /// <summary>How many leaves are durable.</summary>
    long Size { get; }

    /// <summary>The first leaf that is kept: those before it were purged, and only their hashes remain. A multiple of 256; 0 if nothing was purged.</summary>
    long First => 0;

    /// <summary>Takes leaves behind those that are there; when it returns they survive a power cut. After an exception nothing of the batch counts, and it may be tried again.</summary>
    /// <param name="batch">The leaves; their first index is <see cref="Size"/>.</param>
    /// <exception cref="ArgumentException">The batch does not begin where the log ends. Nothing was changed.</exception>
    /// <exception cref="IOException">The store cannot take them now.</exception>
    void Append(AuditBatch batch);

    /// <summary>Reads leaves in order.</summary>
    /// <param name="first">The index of the first one.</param>
    /// <param name="count">How many; fewer come back where the log ends.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <exception cref="InvalidDataException">What lies there is not what was written.</exception>
    IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count);

    /// <summary>The latest checkpoint that was written; empty if there is none.</summary>
    ReadOnlyMemory<byte> ReadCheckpoint();

    /// <summary>Replaces the checkpoint, durably and as a whole; the hashes of its tree are durable before it is.</summary>
    /// <param name="note">The signed note.</param>
    /// <exception cref="IOException">The store cannot take it now.</exception>
    void WriteCheckpoint(ReadOnlySpan<byte> note);

    /// <summary>Drops leaves from the start of the log, durably, and keeps all hashes: proofs among the others stay as they are. Never called during <see cref="Append"/>.</summary>
    /// <param name="first">The first leaf to keep: a multiple of 256 below <see cref="Size"/>. At or below <see cref="First"/>, nothing happens.</param>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    /// <exception cref="NotSupportedException">The store drops nothing.</exception>
    /// <exception cref="IOException">The store cannot be written now. What was to be dropped may be there or not; calling again completes it.</exception>
    void Purge(long first) => throw new NotSupportedException("This store keeps everything.");
}
