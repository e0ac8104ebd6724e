using System.Buffers;
using System.Buffers.Binary;

namespace Agt.Audit.Tiles;

/// <summary>A bundle of entries by C2SP tlog-tiles: for each entry its length in two bytes, big-endian, and its bytes. Pure functions; thread-safe.</summary>
public static class EntryBundle
{
    /// <summary>The longest entry, in bytes.</summary>
    public const int MaxEntryBytes = ushort.MaxValue;

    /// <summary>Writes an entry.</summary>
    /// <exception cref="ArgumentException">The entry is longer than <see cref="MaxEntryBytes"/>.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> entry)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (entry.Length > MaxEntryBytes)
        {
            throw new ArgumentException($"An entry has at most {MaxEntryBytes} bytes.", nameof(entry));
        }

        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), (ushort)entry.Length);
        output.Advance(2);
        output.Write(entry);
    }

    /// <summary>Takes the first entry off a bundle.</summary>
    /// <param name="bundle">What is left of the bundle; moved on behind the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>Whether there was one. False with something left means that the bundle is malformed.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> bundle, out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (bundle.Length < 2)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bundle);
        if (bundle.Length - 2 < length)
        {
            return false;
        }

        entry = bundle.Slice(2, length);
        bundle = bundle[(2 + length)..];
        return true;
    }
}
