using Agt.Audit.Merkle;
using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// The hashes of the levels of tiles, a file a level: hash after hash, so that a tile is a run of 8 KiB. They can be made again from the leaves; what a power cut took of them is.
/// </summary>
/// <remarks>Writing is for one thread; reading is thread-safe.</remarks>
internal sealed class LevelFiles : IDisposable
{
    private const int Levels = 8;
    private readonly FileStream?[] _files = new FileStream?[Levels];
    private readonly string _directory;
    private readonly bool _write;
    private readonly byte[] _buffer = new byte[64 * 1024];

    internal LevelFiles(string directory, bool write)
    {
        _directory = directory;
        _write = write;
        for (int level = 0; level < Levels; level++)
        {
            if (File.Exists(PathOf(level)))
            {
                _files[level] = OpenLevel(level);
            }
        }
    }

    /// <summary>How many hashes of a level there are.</summary>
    internal long Count(int level) => _files[level] is { } file ? RandomAccess.GetLength(file.SafeFileHandle) / LogHash.Size : 0;

    /// <summary>Leaves of each level what a log of this size has.</summary>
    internal void Truncate(long size)
    {
        for (int level = 0; level < Levels; level++)
        {
            if (_files[level] is { } file && Count(level) > size >> (8 * level))
            {
                file.SetLength((size >> (8 * level)) * LogHash.Size);
            }
        }
    }

    internal void Append(IReadOnlyList<TileHash> hashes)
    {
        for (int level = 0; level < Levels; level++)
        {
            int filled = 0;
            long at = -1;
            foreach (TileHash hash in hashes)
            {
                if (hash.Level != level)
                {
                    continue;
                }

                if (filled == _buffer.Length)
                {
                    Put(level, at, filled);
                    at = -1;
                    filled = 0;
                }

                at = at < 0 ? hash.Index : at;
                hash.Hash.CopyTo(_buffer.AsSpan(filled));
                filled += LogHash.Size;
            }

            if (filled == 0)
            {
                // Whatever has no hash of this level has none of those above.
                break;
            }

            Put(level, at, filled);
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
        if (!path.IsStored(Levels))
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        Span<byte> bytes = stackalloc byte[TilePath.FullWidth * LogHash.Size];
        bytes = bytes[..(path.Width * LogHash.Size)];
        if (_files[path.Level] is not { } file || RandomAccess.Read(file.SafeFileHandle, bytes, path.Index * TilePath.FullWidth * LogHash.Size) != bytes.Length)
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        for (int i = 0; i < path.Width; i++)
        {
            hashes[i] = new LogHash(bytes.Slice(i * LogHash.Size, LogHash.Size));
        }
    }

    public void Dispose()
    {
        foreach (FileStream? file in _files)
        {
            file?.Dispose();
        }
    }

    private void Put(int level, long at, int bytes)
    {
        FileStream file = _files[level] ?? OpenLevel(level);
        Volatile.Write(ref _files[level], file);
        RandomAccess.Write(file.SafeFileHandle, _buffer.AsSpan(0, bytes), at * LogHash.Size);
    }

    private FileStream OpenLevel(int level) => _write
        ? ProtectedFiles.Open(PathOf(level), FileMode.OpenOrCreate, FileShare.ReadWrite)
        : new FileStream(PathOf(level), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);

    private string PathOf(int level) => Path.Combine(_directory, level.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
