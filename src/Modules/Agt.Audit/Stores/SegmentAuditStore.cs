using System.Globalization;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>
/// Keeps a log in files: leaves in segments, one fsync a batch, and the hashes of the tree beside them. The fastest store of one machine.
/// </summary>
/// <remarks>
/// As <see cref="IAuditStore"/> says. A directory has one writer: a second one fails at once. A torn end, which a power cut leaves of a write that nobody was told had succeeded, is moved into a file
/// of its own when the log is opened.
/// </remarks>
public sealed partial class SegmentAuditStore : IAuditStore, INodeSource
{
    /// <summary>The longest segment, in bytes, if nothing else is said.</summary>
    public const long DefaultSegmentBytes = 64L * 1024 * 1024;

    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly FileStream? _lock;
    private readonly NodeFiles _nodes;
    private readonly byte[] _checkpoint;
    private SegmentFile[] _segments;

    private SegmentAuditStore(string directory, long segmentBytes, bool write)
    {
        _directory = directory;
        _segmentBytes = segmentBytes;
        _lock = write ? StoreLock.Take(Path.Combine(directory, "LOCK")) : null;

        // Of a log that grows meanwhile, a reader takes the checkpoint first: it is never one of more records than are read after it.
        _checkpoint = write ? [] : CheckpointOnDisk();
        SegmentFile[] segments = [];
        try
        {
            _first = ReadMinimum();
            segments = OpenSegments(Path.Combine(directory, "segments"), _first, write);
            _segments = segments;
            _nodes = new NodeFiles(Path.Combine(directory, "nodes"), write);
        }
        catch
        {
            foreach (SegmentFile segment in segments)
            {
                segment.Dispose();
            }

            _lock?.Dispose();
            throw;
        }
    }

    /// <summary>The directory.</summary>
    public string Location => _directory;

    /// <inheritdoc />
    public long Size
    {
        get
        {
            SegmentFile[] segments = Volatile.Read(ref _segments);
            return segments.Length == 0 ? 0 : segments[^1].First + segments[^1].Count;
        }
    }

    /// <summary>Opens a directory for writing; makes it, with mode 0700, if it is not there.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="segmentBytes">How long a segment gets before the next one is begun, 64 KiB to 1 GiB.</param>
    /// <exception cref="AuditStoreException">Another writer has it, or what lies there is not a sound log.</exception>
    public static SegmentAuditStore Open(string directory, long segmentBytes = DefaultSegmentBytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segmentBytes, 1024 * 1024 * 1024);
        ProtectedFiles.EnsureDirectory(directory);
        ProtectedFiles.EnsureDirectory(Path.Combine(directory, "segments"));
        ProtectedFiles.EnsureDirectory(Path.Combine(directory, "nodes"));
        var store = new SegmentAuditStore(directory, segmentBytes, write: true);
        try
        {
            store.MendHashes();
            store.Drop(store.First);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Opens a directory for reading, also while another process writes it; what is appended later is not seen.</summary>
    /// <exception cref="AuditStoreException">What lies there is not a sound log.</exception>
    public static SegmentAuditStore OpenForReading(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return Directory.Exists(Path.Combine(directory, "segments"))
            ? new SegmentAuditStore(directory, DefaultSegmentBytes, write: false)
            : throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{directory}' is no directory of an audit log: there is no 'segments' in it.");
    }

    /// <inheritdoc />
    public void Append(AuditBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireWriter();
        batch.RequireAt(Size);
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            Write(batch);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"The audit log in '{_directory}' cannot be written: {exception.Message}", exception);
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
        foreach (SegmentFile segment in Volatile.Read(ref _segments))
        {
            if (count == 0)
            {
                yield break;
            }

            if (segment.First + segment.Count <= first)
            {
                continue;
            }

            foreach (ReadOnlyMemory<byte> leaf in segment.Read(first, count))
            {
                yield return leaf;
                first++;
                count--;
            }
        }
    }

    /// <inheritdoc />
    public void ReadTile(TilePath path, Span<LogHash> hashes) => _nodes.ReadTile(path, hashes);

    LogHash INodeSource.ReadNode(int height, long index) => _nodes.ReadNode(height, index);

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadCheckpoint() => _lock is null ? _checkpoint : CheckpointOnDisk();

    /// <inheritdoc />
    public void WriteCheckpoint(ReadOnlySpan<byte> note)
    {
        RequireWriter();
        _nodes.Flush();
        ProtectedFiles.Replace(CheckpointPath, note);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (SegmentFile segment in _segments)
        {
            segment.Dispose();
        }

        _nodes.Dispose();
        _lock?.Dispose();
    }

    private void Write(AuditBatch batch)
    {
        SegmentFile[] segments = _segments;
        if (segments.Length == 0 || segments[^1].Length >= _segmentBytes)
        {
            segments = [.. segments, SegmentFile.Create(Path.Combine(_directory, "segments"), batch.FirstIndex)];
            Volatile.Write(ref _segments, segments);
        }

        // The leaves count when their hashes are there: readers find both, and a batch that failed in between is written again.
        SegmentFile segment = segments[^1];
        segment.Write(batch);
        try
        {
            _nodes.Append(batch.Nodes);
        }
        catch
        {
            segment.CutBack();
            throw;
        }

        segment.Commit(batch);
    }

    private void RequireWriter()
    {
        if (_lock is null)
        {
            throw new InvalidOperationException("The log was opened for reading.");
        }
    }

    private byte[] CheckpointOnDisk() => File.Exists(CheckpointPath) ? File.ReadAllBytes(CheckpointPath) : [];

    private string CheckpointPath => Path.Combine(_directory, "checkpoint");

    private static SegmentFile[] OpenSegments(string directory, long minimum, bool write)
    {
        (string Path, long First)[] files = Kept([.. Directory.GetFiles(directory, "*" + SegmentFile.Extension).Select(path => (path, FirstOf(path))).OrderBy(file => file.Item2)], minimum);
        var segments = new List<SegmentFile>(files.Length);
        try
        {
            for (int i = 0; i < files.Length; i++)
            {
                if (i == 0 && files[i].First > minimum)
                {
                    throw new AuditStoreException(AuditStoreProblem.Corrupt, $"The log in '{directory}' begins with record {files[i].First}: the files before it are missing. Restore the log from its backup.");
                }

                segments.Add(SegmentFile.Open(files[i].Path, files[i].First, i + 1 < files.Length ? files[i + 1].First : null, write));
            }
        }
        catch
        {
            segments.ForEach(segment => segment.Dispose());
            throw;
        }

        return [.. segments];
    }

    private static long FirstOf(string path) => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long first)
        ? first
        : throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{path}' is not named as a segment of an audit log. Move it away.");

    /// <summary>Makes the hashes again that came behind the last checkpoint: those before it were durable before it was.</summary>
    private void MendHashes()
    {
        long size = Size;
        long sound = SignedCheckpoint.TryParse(ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out _) ? Math.Min(checkpoint.Checkpoint.Size, size) : 0;
        for (int height = 0; height < NodeFiles.Heights; height++)
        {
            if (_nodes.Count(height) < sound >> height)
            {
                sound = 0;
            }
        }

        if (sound < First)
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, $"The hashes in '{_directory}' are damaged, and the first {First} records that they could be made from were purged. Restore the log from its backup.");
        }

        _nodes.Truncate(sound);
        CompactRange tree = new TileTree(this, keptTiles: 0).Frontier(sound);
        var batch = new AuditBatch();
        batch.Begin(sound);
        foreach (ReadOnlyMemory<byte> leaf in ReadLeaves(sound, size - sound))
        {
            batch.Add(leaf.Span);
            if (batch.Bytes > 1024 * 1024)
            {
                Put();
            }
        }

        Put();

        void Put()
        {
            batch.Integrate(tree);
            _nodes.Append(batch.Nodes);
            batch.Begin(tree.Size);
        }
    }
}
