using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agt.Audit.Cryptography;

namespace Agt.Audit.Notes;

/// <summary>
/// The public key of a log or a witness: its name, its type and 32 bytes of Ed25519 (C2SP signed-note, "vkey"). Who holds the text of it can check everything. Immutable and thread-safe.
/// </summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    /// <summary>The type of signatures over the note as it stands.</summary>
    public const byte Ed25519Type = 0x01;

    /// <summary>The type of a witness's signatures, with a time (C2SP tlog-cosignature, v1).</summary>
    public const byte CosignatureType = 0x04;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");
    private readonly byte[] _publicKey;

    private VerifierKey(string name, byte type, byte[] publicKey)
    {
        Name = name;
        Type = type;
        _publicKey = publicKey;
        KeyId = IdOf(name, type, publicKey);
    }

    /// <summary>Whose key it is; that of a log is its origin.</summary>
    public string Name { get; }

    /// <summary><see cref="Ed25519Type"/> or <see cref="CosignatureType"/>.</summary>
    public byte Type { get; }

    /// <summary>The first four bytes of SHA-256 over name, line feed, type and key, as a number, big-endian.</summary>
    public uint KeyId { get; }

    /// <summary>The public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Makes a key of its parts.</summary>
    /// <param name="name">Whose it is: 1 to 255 bytes of UTF-8 without white space, control character or plus sign.</param>
    /// <param name="type"><see cref="Ed25519Type"/> or <see cref="CosignatureType"/>.</param>
    /// <param name="publicKey">Ed25519, 32 bytes.</param>
    /// <exception cref="ArgumentException">A part is malformed.</exception>
    public static VerifierKey Create(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        if (!KeyName.IsValid(name))
        {
            throw new ArgumentException(KeyName.Rule, nameof(name));
        }

        if (type is not (Ed25519Type or CosignatureType) || publicKey.Length != Ed25519.KeyBytes)
        {
            throw new ArgumentException("A key is Ed25519, 32 bytes, of type 1 (log) or 4 (witness).", nameof(publicKey));
        }

        return new VerifierKey(name, type, publicKey.ToArray());
    }

    /// <summary>Reads <c>name+hash+base64</c>. A key whose hash is not that of its name and bytes is none.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="key">The key.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out VerifierKey? key)
    {
        key = null;
        string[] parts = text?.Split('+', 3) ?? [];
        if (parts.Length != 3 || !KeyName.IsValid(parts[0]) || parts[1].Length != 8 || parts[1].AsSpan().ContainsAnyExcept(HexDigits) ||
            !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Ed25519.KeyBytes + 2];
        if (parts[2].Length != 44 || !Convert.TryFromBase64String(parts[2], bytes, out int written) || written != Ed25519.KeyBytes + 1 ||
            Convert.ToBase64String(bytes[..written]) != parts[2] || bytes[0] is not (Ed25519Type or CosignatureType))
        {
            return false;
        }

        var found = new VerifierKey(parts[0], bytes[0], bytes[1..written].ToArray());
        key = found.KeyId == id ? found : null;
        return key is not null;
    }

    /// <summary>Checks a signature of this key.</summary>
    /// <param name="text">The text of the note, with its last line feed.</param>
    /// <param name="signature">The signature, as it stands in the line.</param>
    /// <param name="time">When a witness signed; null for a signature without a time.</param>
    /// <returns>Whether the key made it.</returns>
    public bool Verify(string text, ReadOnlySpan<byte> signature, out DateTimeOffset? time)
    {
        ArgumentNullException.ThrowIfNull(text);
        time = null;
        if (Type == Ed25519Type)
        {
            return Ed25519.Verify(_publicKey, Encoding.UTF8.GetBytes(text), signature);
        }

        if (signature.Length != 8 + Ed25519.SignatureBytes)
        {
            return false;
        }

        ulong seconds = BinaryPrimitives.ReadUInt64BigEndian(signature);
        if (seconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() || !Ed25519.Verify(_publicKey, CosignedMessage(text, seconds), signature[8..]))
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    /// <inheritdoc />
    public bool Equals([NotNullWhen(true)] VerifierKey? other) =>
        other is not null && Name == other.Name && Type == other.Type && _publicKey.AsSpan().SequenceEqual(other._publicKey);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, KeyId);

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([Type, .. _publicKey])}";

    /// <summary>What a witness signs (C2SP tlog-cosignature).</summary>
    internal static byte[] CosignedMessage(string text, ulong seconds) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));

    private static uint IdOf(string name, byte type, byte[] publicKey)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey], hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
