using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Agt.Audit.Stores;

/// <summary>
/// A file of consecutive leaves: a header, then for each leaf its length in four bytes, CRC-32C in four, index in eight, all little-endian, and its bytes (spec 09, AUD-404). Beside it lies a
/// file with the place of every leaf, which can be made again from it.
/// </summary>
/// <remarks>Writing is for one thread; reading is thread-safe.</remarks>
internal sealed class SegmentFile : IDisposable
{
    internal const int HeaderBytes = 16;
    internal const int FrameBytes = 16;
    internal const string Extension = ".seg";
    private const int MaxLeafBytes = ushort.MaxValue;
    private static readonly byte[] Magic = "agtlog\0\u0001"u8.ToArray();

    private readonly FileStream _leaves;
    private readonly FileStream? _places;
    private readonly uint[] _scanned;
    private byte[] _buffer = new byte[256 * 1024];
    private byte[] _placeBuffer = new byte[4 * 1024];
    private long _count;
    private int _written;
    private bool _dirty;

    private SegmentFile(FileStream leaves, FileStream? places, uint[] scanned, long first, long count, long length)
    {
        _leaves = leaves;
        _places = places;
        _scanned = scanned;
        First = first;
        _count = count;
        Length = length;
    }

    /// <summary>The index of the first leaf.</summary>
    internal long First { get; }

    /// <summary>How many leaves there are.</summary>
    internal long Count => Volatile.Read(ref _count);

    /// <summary>How many bytes of the file are leaves.</summary>
    internal long Length { get; private set; }

    internal static string Name(long first) => first.ToString("x16", System.Globalization.CultureInfo.InvariantCulture) + Extension;

    internal static SegmentFile Create(string directory, long first)
    {
        string path = Path.Combine(directory, Name(first));
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), first);

        // The file gets its name when its header is there: a process may die at any moment.
        ProtectedFiles.Replace(path, header);
        return new SegmentFile(
            ProtectedFiles.Open(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete), ProtectedFiles.Open(path + ".at", FileMode.Create, FileShare.ReadWrite | FileShare.Delete), [], first, 0, HeaderBytes);
    }

    /// <summary>Opens a segment for reading and, if it is the last one, for writing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="first">The index its first leaf must have.</param>
    /// <param name="next">The index of the first leaf of the segment behind it; null for the last one, whose end may be torn.</param>
    /// <param name="write">Whether it may be mended and written.</param>
    internal static SegmentFile Open(string path, long first, long? next, bool write)
    {
        FileStream leaves = write ? ProtectedFiles.Open(path, FileMode.Open, FileShare.ReadWrite | FileShare.Delete) : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        try
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            if (RandomAccess.Read(leaves.SafeFileHandle, header, 0) != HeaderBytes || !header[..7].SequenceEqual(Magic.AsSpan(0, 7)) || BinaryPrimitives.ReadInt64LittleEndian(header[8..]) != first)
            {
                throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{path}' is no segment of an audit log that begins with record {first}. Put back what was there, or restore the log from its backup.");
            }

            if (header[7] > Magic[7])
            {
                throw new AuditStoreException(AuditStoreProblem.Version, $"'{path}' was written by a newer version of Agt (format {header[7]}; this one knows {Magic[7]}). Use that version.");
            }

            // A segment that another follows is complete: only its places are needed, and they are there unless somebody removed them.
            string at = path + ".at";
            if (next is { } following && File.Exists(at) && new FileInfo(at).Length == (following - first) * sizeof(uint))
            {
                return new SegmentFile(leaves, new FileStream(at, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0), [], first, following - first, RandomAccess.GetLength(leaves.SafeFileHandle));
            }

            SegmentScan scan = SegmentScan.Read(leaves.SafeFileHandle, path, first, last: next is null);
            if (next is { } expected && first + scan.Places.Count != expected)
            {
                throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{path}' ends with record {first + scan.Places.Count - 1}, and the file behind it begins with record {expected}. Records are missing; restore the log from its backup.");
            }

            if (!write)
            {
                return new SegmentFile(leaves, null, [.. scan.Places], first, scan.Places.Count, scan.Length);
            }

            if (scan.Length < RandomAccess.GetLength(leaves.SafeFileHandle))
            {
                SegmentScan.SetAside(leaves, path, scan.Length);
            }

            var segment = new SegmentFile(leaves, ProtectedFiles.Open(at, FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete), [], first, scan.Places.Count, scan.Length);
            segment.WritePlaces(scan);
            return segment;
        }
        catch
        {
            leaves.Dispose();
            throw;
        }
    }

    /// <summary>Writes leaves, durably. They count once they are committed; until then others may be written instead of them.</summary>
    internal void Write(AuditBatch batch)
    {
        CutBack();
        _dirty = true;
        int bytes = batch.Bytes + (batch.Count * FrameBytes);
        if (_buffer.Length < bytes)
        {
            _buffer = new byte[Math.Max(bytes, _buffer.Length * 2)];
        }

        if (_placeBuffer.Length < batch.Count * sizeof(uint))
        {
            _placeBuffer = new byte[batch.Count * sizeof(uint)];
        }

        int length = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_placeBuffer.AsSpan(i * sizeof(uint)), (uint)(Length + length));
            length += WriteFrame(_buffer.AsSpan(length), batch.FirstIndex + i, batch.Leaf(i));
        }

        RandomAccess.Write(_leaves.SafeFileHandle, _buffer.AsSpan(0, length), Length);
        RandomAccess.FlushToDisk(_leaves.SafeFileHandle);
        RandomAccess.Write(_places!.SafeFileHandle, _placeBuffer.AsSpan(0, batch.Count * sizeof(uint)), _count * sizeof(uint));
        _written = length;
    }

    /// <summary>Makes what was written count.</summary>
    internal void Commit(AuditBatch batch)
    {
        Length += _written;
        _dirty = false;
        Volatile.Write(ref _count, _count + batch.Count);
    }

    /// <summary>Takes away what was written and not committed: it must not stand behind what is written instead.</summary>
    internal void CutBack()
    {
        if (_dirty)
        {
            _leaves.SetLength(Length);
            _dirty = false;
        }
    }

    /// <summary>Reads leaves of the segment, many at a time.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Read(long first, long count)
    {
        count = Math.Min(count, First + Count - first);
        if (count <= 0)
        {
            yield break;
        }

        long at = Place(first);
        byte[] buffer = [];
        int start = 0;
        int end = 0;
        SafeFileHandle handle = _leaves.SafeFileHandle;
        for (long index = first; index < first + count; index++)
        {
            int needed = FrameBytes;
            while (true)
            {
                if (end - start >= needed)
                {
                    int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(start));
                    if (length is < 0 or > MaxLeafBytes)
                    {
                        throw new InvalidDataException($"Record {index} is damaged: it says it has {(uint)length} bytes.");
                    }

                    needed = FrameBytes + length;
                    if (end - start >= needed)
                    {
                        break;
                    }
                }

                // A fresh buffer each time: what was handed out stays as it is.
                byte[] next = new byte[Math.Max(needed, count == 1 ? 4_096 : 256 * 1024)];
                buffer.AsSpan(start, end - start).CopyTo(next);
                int read = RandomAccess.Read(handle, next.AsSpan(end - start), at + (end - start));
                if (read == 0)
                {
                    throw new InvalidDataException($"Record {index} is damaged: the file ends inside it.");
                }

                end = end - start + read;
                start = 0;
                buffer = next;
            }

            if (!TryCheck(buffer.AsSpan(start, needed), index))
            {
                throw new InvalidDataException($"Record {index} is damaged: its checksum or its number is not right.");
            }

            yield return buffer.AsMemory(start + FrameBytes, needed - FrameBytes);
            start += needed;
            at += needed;
        }
    }

    /// <summary>Writes the leaves from a place on into a file of their own, durably.</summary>
    /// <param name="directory">Where the segments lie.</param>
    /// <param name="first">The first leaf of it.</param>
    internal SegmentFile WriteRest(string directory, long first)
    {
        string path = Path.Combine(directory, Name(first));
        using (FileStream rest = ProtectedFiles.Open(path + ".new", FileMode.Create, FileShare.None))
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], first);
            rest.Write(header);
            byte[] buffer = new byte[1024 * 1024];
            for (long at = Place(first); at < Length;)
            {
                int read = RandomAccess.Read(_leaves.SafeFileHandle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, Length - at)), at);
                if (read == 0)
                {
                    throw new InvalidDataException($"'{_leaves.Name}' is shorter than its records.");
                }

                rest.Write(buffer.AsSpan(0, read));
                at += read;
            }

            rest.Flush(flushToDisk: true);
        }

        File.Delete(path + ".at");
        File.Move(path + ".new", path, overwrite: true);
        ProtectedFiles.FlushDirectory(directory);
        return Open(path, first, First + Count, write: true);
    }

    public void Dispose()
    {
        _leaves.Dispose();
        _places?.Dispose();
    }

    /// <summary>Whether a frame is whole and has this number.</summary>
    internal static bool TryCheck(ReadOnlySpan<byte> frame, long index) =>
        BinaryPrimitives.ReadInt64LittleEndian(frame[8..]) == index &&
        BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) == Checksum(frame[8..]);

    private static int WriteFrame(Span<byte> frame, long index, ReadOnlySpan<byte> leaf)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)leaf.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], index);
        leaf.CopyTo(frame[FrameBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame.Slice(8, 8 + leaf.Length)));
        return FrameBytes + leaf.Length;
    }

    /// <summary>CRC-32C (RFC 3720, 12.1) over index and leaf.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    private long Place(long index)
    {
        if (_places is null)
        {
            return _scanned[index - First];
        }

        Span<byte> place = stackalloc byte[sizeof(uint)];
        return RandomAccess.Read(_places.SafeFileHandle, place, (index - First) * sizeof(uint)) == sizeof(uint)
            ? BinaryPrimitives.ReadUInt32LittleEndian(place)
            : throw new InvalidDataException($"The place of record {index} is missing; open the log for writing once to make it again.");
    }

    private void WritePlaces(SegmentScan scan)
    {
        byte[] bytes = new byte[scan.Places.Count * sizeof(uint)];
        for (int i = 0; i < scan.Places.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), scan.Places[i]);
        }

        RandomAccess.Write(_places!.SafeFileHandle, bytes, 0);
        _places.SetLength(bytes.Length);
    }
}
