using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Agt.Audit.Stores;

/// <summary>Looks through a segment from its start: where its leaves are, and where they end.</summary>
/// <param name="Places">Where each leaf's frame begins.</param>
/// <param name="Length">Where the last whole frame ends.</param>
internal sealed record SegmentScan(List<uint> Places, long Length)
{
    private const int MaxFrame = SegmentFile.FrameBytes + ushort.MaxValue;

    /// <summary>Reads a segment.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="first">The index of its first leaf.</param>
    /// <param name="last">Whether its end may be torn: a write that a power cut interrupted, and that nobody was told had succeeded.</param>
    internal static SegmentScan Read(SafeFileHandle handle, string path, long first, bool last)
    {
        var places = new List<uint>();
        long size = RandomAccess.GetLength(handle);
        byte[] buffer = new byte[1024 * 1024];
        long at = SegmentFile.HeaderBytes;
        long bufferAt = at;
        int filled = 0;
        while (at < size)
        {
            Span<byte> frame = Window(Math.Min(MaxFrame, size - at));
            int length = frame.Length >= SegmentFile.FrameBytes ? (int)BinaryPrimitives.ReadUInt32LittleEndian(frame) : -1;
            int whole = SegmentFile.FrameBytes + length;
            if (length is < 0 or > ushort.MaxValue || frame.Length < whole || !SegmentFile.TryCheck(frame[..whole], first + places.Count))
            {
                bool goesOn = length is >= 0 and <= ushort.MaxValue && FollowedBySound(at + whole, first + places.Count + 1);
                if (!last || goesOn)
                {
                    throw new AuditStoreException(
                        AuditStoreProblem.Corrupt, string.Create(CultureInfo.InvariantCulture, $"Record {first + places.Count} in '{path}' is damaged (at byte {at}), and others follow it. Nothing was changed; restore the log from its backup."));
                }

                break;
            }

            places.Add((uint)at);
            at += whole;
        }

        return new SegmentScan(places, at);

        Span<byte> Window(long wanted)
        {
            if (at < bufferAt || at + wanted > bufferAt + filled)
            {
                bufferAt = at;
                filled = 0;
                int read;
                while (filled < buffer.Length && (read = RandomAccess.Read(handle, buffer.AsSpan(filled), bufferAt + filled)) > 0)
                {
                    filled += read;
                }
            }

            return buffer.AsSpan((int)(at - bufferAt), (int)Math.Min(wanted, bufferAt + filled - at));
        }

        bool FollowedBySound(long next, long index)
        {
            byte[] frame = new byte[MaxFrame];
            int read = RandomAccess.Read(handle, frame, next);
            int whole = read >= SegmentFile.FrameBytes ? SegmentFile.FrameBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(frame) : 0;
            return whole >= SegmentFile.FrameBytes && whole <= read && SegmentFile.TryCheck(frame.AsSpan(0, whole), index);
        }
    }

    /// <summary>Moves a torn end into a file of its own, where it can be looked at, and cuts it off.</summary>
    internal static void SetAside(FileStream segment, string path, long length)
    {
        long torn = RandomAccess.GetLength(segment.SafeFileHandle) - length;
        for (int number = 1; ; number++)
        {
            string aside = string.Create(CultureInfo.InvariantCulture, $"{path}.torn{number}");
            if (File.Exists(aside))
            {
                continue;
            }

            byte[] bytes = new byte[Math.Min(torn, 64 * 1024 * 1024)];
            int read = RandomAccess.Read(segment.SafeFileHandle, bytes, length);
            ProtectedFiles.Replace(aside, bytes.AsSpan(0, read));
            break;
        }

        segment.SetLength(length);
        segment.Flush(flushToDisk: true);
    }
}
