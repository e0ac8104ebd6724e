using System.Buffers;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// A log as a directory of files that any web server can serve and any tool for C2SP tlog-tiles can read: <c>checkpoint</c>, <c>tile/LEVEL/N</c> and <c>tile/entries/N</c>. For publication, for backups and for
/// auditors; it is written from another store and not appended to.
/// </summary>
/// <remarks>As <see cref="IAuditStore"/> says of reading. Its size is that of its checkpoint.</remarks>
public sealed class TileDirectory : IAuditStore
{
    private readonly string _directory;
    private readonly byte[] _note;

    private TileDirectory(string directory, byte[] note, long size, long first)
    {
        _directory = directory;
        _note = note;
        Size = size;
        First = first;
    }

    /// <inheritdoc />
    public long First { get; }

    /// <inheritdoc />
    public long Size { get; }

    /// <summary>Opens a directory.</summary>
    /// <exception cref="AuditStoreException">There is no checkpoint that can be read.</exception>
    public static TileDirectory Open(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        string file = Path.Combine(directory, "checkpoint");
        if (!File.Exists(file) || new FileInfo(file).Length > SignedNote.MaxBytes)
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{directory}' has no checkpoint, so that it is no published log.");
        }

        byte[] note = File.ReadAllBytes(file);
        return SignedCheckpoint.TryParse(note, out SignedCheckpoint? checkpoint, out string? error)
            ? new TileDirectory(directory, note, checkpoint.Checkpoint.Size, FirstOf(directory, checkpoint.Checkpoint.Size))
            : throw new AuditStoreException(AuditStoreProblem.Corrupt, $"The checkpoint of '{directory}' cannot be read: {error}");
    }

    /// <summary>
    /// Writes what a log's latest checkpoint covers into a directory. What is there already and full is left as it is, so that publishing again costs what is new; the checkpoint is written last.
    /// </summary>
    /// <param name="store">The log.</param>
    /// <param name="directory">The directory; made if it is not there.</param>
    /// <param name="progress">Called now and then with the number of records written; null for nobody.</param>
    /// <returns>How many files were written.</returns>
    /// <exception cref="InvalidDataException">The log has no checkpoint, or is not what it was.</exception>
    public static int Publish(IAuditStore store, string directory, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ReadOnlyMemory<byte> note = store.ReadCheckpoint();
        if (!SignedCheckpoint.TryParse(note.Span, out SignedCheckpoint? checkpoint, out string? error))
        {
            throw new InvalidDataException("The log has no checkpoint that can be read: " + error);
        }

        Directory.CreateDirectory(directory);
        long size = checkpoint.Checkpoint.Size;
        int written = 0;
        for (int level = 0; size >> (8 * level) > 0; level++)
        {
            foreach (TilePath path in Paths(level, size >> (8 * level)))
            {
                var hashes = new LogHash[path.Width];
                written += Write(directory, path, () =>
                {
                    store.ReadTile(path, hashes);
                    byte[] bytes = new byte[path.Width * LogHash.Size];
                    for (int i = 0; i < hashes.Length; i++)
                    {
                        hashes[i].CopyTo(bytes.AsSpan(i * LogHash.Size));
                    }

                    return bytes;
                });
            }
        }

        long first = store.First;
        foreach (TilePath tile in Paths(0, size).Where(tile => tile.Index * TilePath.FullWidth >= first))
        {
            TilePath path = TilePath.Entries(tile.Index, tile.Width);
            written += Write(directory, path, () =>
            {
                var bundle = new ArrayBufferWriter<byte>();
                foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(path.Index * TilePath.FullWidth, path.Width))
                {
                    EntryBundle.Write(bundle, leaf.Span);
                }

                return bundle.WrittenSpan.ToArray();
            });
            progress?.Invoke((path.Index * TilePath.FullWidth) + path.Width);
        }

        string next = Path.Combine(directory, "checkpoint.new");
        File.WriteAllBytes(next, note.ToArray());
        File.Move(next, Path.Combine(directory, "checkpoint"), overwrite: true);
        return written;
    }

    /// <inheritdoc />
    /// <exception cref="NotSupportedException">Always: a published log is not appended to.</exception>
    public void Append(AuditBatch batch) => throw new NotSupportedException("A published log is not appended to; publish it again.");

    /// <inheritdoc />
    public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        PurgePoint.RequireKept(first, First);
        return Leaves(first, count);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Leaves(long first, long count)
    {
        long end = count > Size - first ? Size : first + count;
        for (long bundle = first / TilePath.FullWidth; bundle * TilePath.FullWidth < end; bundle++)
        {
            long start = bundle * TilePath.FullWidth;
            foreach (byte[] leaf in Bundle(bundle, (int)Math.Min(TilePath.FullWidth, Size - start)))
            {
                if (start >= first && start < end)
                {
                    yield return leaf;
                }

                start++;
            }
        }
    }

    /// <inheritdoc />
    public void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        byte[] bytes = Read(path);
        if (bytes.Length < path.Width * LogHash.Size)
        {
            throw new InvalidDataException($"{path} is too short.");
        }

        for (int i = 0; i < path.Width; i++)
        {
            hashes[i] = new LogHash(bytes.AsSpan(i * LogHash.Size, LogHash.Size));
        }
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadCheckpoint() => _note;

    /// <inheritdoc />
    /// <exception cref="NotSupportedException">Always.</exception>
    public void WriteCheckpoint(ReadOnlySpan<byte> note) => throw new NotSupportedException("A published log is not signed; publish it again.");

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private static IEnumerable<TilePath> Paths(int level, long hashes)
    {
        for (long index = 0; index * TilePath.FullWidth < hashes; index++)
        {
            yield return new TilePath(level, index, (int)Math.Min(TilePath.FullWidth, hashes - (index * TilePath.FullWidth)));
        }
    }

    /// <summary>Finds the first bundle of entries that is there: those before it were purged, which a record of the log has to say.</summary>
    private static long FirstOf(string directory, long size)
    {
        long low = 0;
        long high = Math.Max(0, (size - 1) / TilePath.FullWidth);
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            if (File.Exists(Path.Combine(directory, TilePath.Entries(middle, TilePath.FullWidth).ToString())))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low * TilePath.FullWidth;
    }

    private static int Write(string directory, TilePath path, Func<byte[]> content)
    {
        string file = Path.Combine(directory, path.ToString());
        if (File.Exists(file))
        {
            return 0;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file + ".new", content());
        File.Move(file + ".new", file);
        return 1;
    }

    private List<byte[]> Bundle(long index, int width)
    {
        byte[] bytes = Read(TilePath.Entries(index, width));
        ReadOnlySpan<byte> left = bytes;
        var leaves = new List<byte[]>(width);
        while (leaves.Count < width && EntryBundle.TryRead(ref left, out ReadOnlySpan<byte> leaf))
        {
            leaves.Add(leaf.ToArray());
        }

        return leaves.Count == width ? leaves : throw new InvalidDataException($"{TilePath.Entries(index, width)} is damaged.");
    }

    /// <summary>Reads a file; where a partial one is wanted, a longer one will do: the one of the checkpoint, or the full one.</summary>
    private byte[] Read(TilePath path)
    {
        const int MostBytes = TilePath.FullWidth * (2 + EntryBundle.MaxEntryBytes);
        long hashes = path.IsEntries ? Size : Size >> (8 * path.Level);
        int width = (int)Math.Clamp(hashes - (path.Index * TilePath.FullWidth), 1, TilePath.FullWidth);
        foreach (int candidate in new[] { path.Width, width, TilePath.FullWidth })
        {
            string file = Path.Combine(_directory, (path with { Width = candidate }).ToString());
            if (candidate >= path.Width && File.Exists(file) && new FileInfo(file).Length <= MostBytes)
            {
                return File.ReadAllBytes(file);
            }
        }

        throw new InvalidDataException($"{path} is missing.");
    }
}
