using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Agt.Values;

/// <summary>A SHA-256 digest (FIPS 180-4). A value of 32 bytes; <c>default</c> means none.</summary>
public readonly struct Digest : IEquatable<Digest>
{
    private readonly Bytes _bytes;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public Digest(ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != 32)
        {
            throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(sha256));
        }

        sha256.CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref _bytes, 1)));
    }

    /// <summary>Whether this is no digest.</summary>
    public bool IsEmpty => Equals(default);

    /// <summary>The digest of some bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(data, hash);
        return new Digest(hash);
    }

    /// <summary>Reads <c>sha256:</c> and 64 hexadecimal digits, of either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length != 71 || !text.StartsWith("sha256:", StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[32];
        if (Convert.FromHexString(text.AsSpan(7), bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        digest = new Digest(bytes);
        return true;
    }

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Bytes copy = _bytes;
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref copy, 1)).CopyTo(destination);
    }

    /// <summary>Constant-time equality.</summary>
    public bool Equals(Digest other)
    {
        Bytes left = _bytes;
        Bytes right = other._bytes;
        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref left, 1)), MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref right, 1)));
    }

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _bytes[0].GetHashCode();

    /// <summary>Equality.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary><c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[32];
        CopyTo(bytes);
        return "sha256:" + Convert.ToHexStringLower(bytes);
    }

    [InlineArray(4)]
    private struct Bytes
    {
        private ulong _first;
    }
}
