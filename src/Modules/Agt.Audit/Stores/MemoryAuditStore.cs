using Agt.Audit.Merkle;
using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>Keeps a log in memory, for tests. It is gone with the process. Thread-safe as <see cref="IAuditStore"/> says.</summary>
public sealed class MemoryAuditStore : IAuditStore
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _leaves = [];
    private readonly List<LogHash>[] _levels = [.. Enumerable.Range(0, 8).Select(_ => new List<LogHash>())];
    private byte[] _checkpoint = [];
    private long _first;

    /// <inheritdoc />
    public long Size
    {
        get
        {
            lock (_lock)
            {
                return _leaves.Count;
            }
        }
    }

    /// <inheritdoc />
    public long First => Volatile.Read(ref _first);

    /// <inheritdoc />
    public void Append(AuditBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_lock)
        {
            batch.RequireAt(_leaves.Count);
            for (int i = 0; i < batch.Count; i++)
            {
                _leaves.Add(batch.Leaf(i).ToArray());
            }

            foreach (TileHash hash in batch.TileHashes)
            {
                _levels[hash.Level].Add(hash.Hash);
            }
        }
    }

    /// <inheritdoc />
    public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PurgePoint.RequireKept(first, First);
        return Leaves(first, count);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Leaves(long first, long count)
    {
        for (long index = first; index - first < count; index++)
        {
            byte[] leaf;
            lock (_lock)
            {
                if (index >= _leaves.Count)
                {
                    yield break;
                }

                leaf = _leaves[(int)index];
            }

            yield return leaf;
        }
    }

    /// <inheritdoc />
    public void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        lock (_lock)
        {
            if (!path.IsStored(_levels.Length) || (path.Index * TilePath.FullWidth) + path.Width > _levels[path.Level].Count)
            {
                throw new InvalidDataException($"There is no {path}.");
            }

            int first = (int)path.Index * TilePath.FullWidth;
            for (int i = 0; i < path.Width; i++)
            {
                hashes[i] = _levels[path.Level][first + i];
            }
        }
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadCheckpoint() => Volatile.Read(ref _checkpoint);

    /// <inheritdoc />
    public void WriteCheckpoint(ReadOnlySpan<byte> note) => Volatile.Write(ref _checkpoint, note.ToArray());

    /// <inheritdoc />
    public void Purge(long first)
    {
        lock (_lock)
        {
            PurgePoint.Require(first, _leaves.Count);
            for (int i = (int)_first; i < first; i++)
            {
                _leaves[i] = [];
            }

            Volatile.Write(ref _first, Math.Max(first, _first));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
