using Agt.Audit.Merkle;
using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// The nodes of the tree, a file a height: hash after hash, so that a proof reads what it needs and hashes nothing, and a tile is a run of every eighth file. They can be made again from the
/// leaves; what a power cut took of them is.
/// </summary>
/// <remarks>Writing is for one thread; reading is thread-safe.</remarks>
internal sealed class NodeFiles : IDisposable
{
    internal const int Heights = 63;
    private const int TileHeight = 8;
    private readonly FileStream?[] _files = new FileStream?[Heights];
    private readonly string _directory;
    private readonly bool _write;
    private readonly byte[] _buffer = new byte[64 * 1024];

    internal NodeFiles(string directory, bool write)
    {
        _directory = directory;
        _write = write;
        for (int height = 0; height < Heights; height++)
        {
            if (File.Exists(PathOf(height)))
            {
                _files[height] = OpenHeight(height);
            }
        }
    }

    /// <summary>How many nodes of a height there are.</summary>
    internal long Count(int height) => _files[height] is { } file ? RandomAccess.GetLength(file.SafeFileHandle) / LogHash.Size : 0;

    /// <summary>Leaves of each height what a log of this size has.</summary>
    internal void Truncate(long size)
    {
        for (int height = 0; height < Heights; height++)
        {
            if (_files[height] is { } file && Count(height) > size >> height)
            {
                file.SetLength((size >> height) * LogHash.Size);
            }
        }
    }

    internal void Append(IReadOnlyList<AuditBatch.NodeHash> hashes)
    {
        for (int height = 0; height < Heights; height++)
        {
            int filled = 0;
            long at = -1;
            foreach (AuditBatch.NodeHash hash in hashes)
            {
                if (hash.Height != height)
                {
                    continue;
                }

                if (filled == _buffer.Length)
                {
                    Put(height, at, filled);
                    at = -1;
                    filled = 0;
                }

                at = at < 0 ? hash.Index : at;
                hash.Hash.CopyTo(_buffer.AsSpan(filled));
                filled += LogHash.Size;
            }

            if (filled == 0)
            {
                // Whatever has no node of this height has none of those above.
                break;
            }

            Put(height, at, filled);
        }
    }

    internal void Flush()
    {
        foreach (FileStream? file in _files)
        {
            if (file is not null)
            {
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
        }
    }

    internal void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        if (!path.IsStored((Heights + TileHeight - 1) / TileHeight))
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        Span<byte> bytes = stackalloc byte[TilePath.FullWidth * LogHash.Size];
        bytes = bytes[..(path.Width * LogHash.Size)];
        if (_files[path.Level * TileHeight] is not { } file || RandomAccess.Read(file.SafeFileHandle, bytes, path.Index * TilePath.FullWidth * LogHash.Size) != bytes.Length)
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        for (int i = 0; i < path.Width; i++)
        {
            hashes[i] = new LogHash(bytes.Slice(i * LogHash.Size, LogHash.Size));
        }
    }

    internal LogHash ReadNode(int height, long index)
    {
        Span<byte> bytes = stackalloc byte[LogHash.Size];
        return _files[height] is { } file && RandomAccess.Read(file.SafeFileHandle, bytes, index * LogHash.Size) == LogHash.Size
            ? new LogHash(bytes)
            : throw new InvalidDataException($"The log has no node {index} of height {height}.");
    }

    public void Dispose()
    {
        foreach (FileStream? file in _files)
        {
            file?.Dispose();
        }
    }

    private void Put(int height, long at, int bytes)
    {
        FileStream file = _files[height] ?? OpenHeight(height);
        Volatile.Write(ref _files[height], file);
        RandomAccess.Write(file.SafeFileHandle, _buffer.AsSpan(0, bytes), at * LogHash.Size);
    }

    private FileStream OpenHeight(int height) => _write
        ? ProtectedFiles.Open(PathOf(height), FileMode.OpenOrCreate, FileShare.ReadWrite)
        : new FileStream(PathOf(height), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);

    private string PathOf(int height) => Path.Combine(_directory, height.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
