using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Agt.Audit.Merkle;

/// <summary>A SHA-256 hash of a leaf or a node of a log, 32 bytes. A value; compared in constant time.</summary>
public readonly struct LogHash : IEquatable<LogHash>
{
    /// <summary>How many bytes a hash has.</summary>
    public const int Size = 32;

    private readonly Bytes _bytes;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public LogHash(ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != Size)
        {
            throw new ArgumentException("A SHA-256 hash has 32 bytes.", nameof(sha256));
        }

        sha256.CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref _bytes, 1)));
    }

    /// <summary>Copies the 32 bytes.</summary>
    /// <param name="destination">Room for 32 bytes at least.</param>
    public void CopyTo(Span<byte> destination)
    {
        Bytes copy = _bytes;
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref copy, 1)).CopyTo(destination);
    }

    /// <summary>Reads 64 hexadecimal digits, of either case.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out LogHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        hash = default;
        if (text.Length != 2 * Size || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        hash = new LogHash(bytes);
        return true;
    }

    /// <summary>Reads canonical padded base64 (RFC 4648, section 4) of 32 bytes: the only text that <see cref="ToBase64"/> writes.</summary>
    public static bool TryParseBase64(ReadOnlySpan<char> text, out LogHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size + 1];
        hash = default;
        if (text.Length != 44 || !Convert.TryFromBase64Chars(text, bytes, out int written) || written != Size)
        {
            return false;
        }

        hash = new LogHash(bytes[..Size]);
        return text.SequenceEqual(hash.ToBase64());
    }

    /// <summary>Canonical padded base64.</summary>
    public string ToBase64()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <inheritdoc />
    public bool Equals(LogHash other)
    {
        Bytes left = _bytes;
        Bytes right = other._bytes;
        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref left, 1)), MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref right, 1)));
    }

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is LogHash other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _bytes[0].GetHashCode();

    /// <summary>Equality.</summary>
    public static bool operator ==(LogHash left, LogHash right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(LogHash left, LogHash right) => !left.Equals(right);

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    [InlineArray(4)]
    private struct Bytes
    {
        private ulong _first;
    }
}
