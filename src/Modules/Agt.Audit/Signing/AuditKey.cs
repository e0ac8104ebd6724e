using System.Diagnostics.CodeAnalysis;
using System.Text;
using Agt.Audit.Notes;
using NSec.Cryptography;

namespace Agt.Audit.Signing;

/// <summary>
/// An Ed25519 key that signs checkpoints, or as a witness cosigns them. Kept as one line of text, <c>PRIVATE+KEY+name+hash+base64</c>; whoever can read it can sign. Thread-safe.
/// </summary>
public sealed class AuditKey : IAuditSigner, IDisposable
{
    private const string Prefix = "PRIVATE+KEY+";
    private readonly Key _key;

    private AuditKey(Key key, VerifierKey verifier)
    {
        _key = key;
        Key = verifier;
    }

    /// <inheritdoc />
    public VerifierKey Key { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="name">The origin of the log, or the name of the witness.</param>
    /// <param name="type"><see cref="VerifierKey.Ed25519Type"/> for a log, <see cref="VerifierKey.CosignatureType"/> for a witness.</param>
    /// <exception cref="ArgumentException">The name is malformed.</exception>
    public static AuditKey Create(string name, byte type = VerifierKey.Ed25519Type)
    {
        var key = NSec.Cryptography.Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        try
        {
            return new AuditKey(key, VerifierKey.Create(name, type, key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads a key.</summary>
    /// <param name="text">What <see cref="ToPrivateText"/> wrote; white space around it is left out.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out AuditKey? key)
    {
        key = null;
        string[] parts = text?.Trim().Split('+', 5) ?? [];
        byte[] bytes = new byte[34];
        if (parts.Length != 5 || $"{parts[0]}+{parts[1]}+" != Prefix || parts[4].Length > 64 ||
            !Convert.TryFromBase64String(parts[4], bytes, out int written) || written != 33 ||
            bytes[0] is not (VerifierKey.Ed25519Type or VerifierKey.CosignatureType) ||
            !NSec.Cryptography.Key.TryImport(
                SignatureAlgorithm.Ed25519, bytes.AsSpan(1, 32), KeyBlobFormat.RawPrivateKey, out Key? secret, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }))
        {
            return false;
        }

        try
        {
            var verifier = VerifierKey.Create(parts[2], bytes[0], secret!.PublicKey.Export(KeyBlobFormat.RawPublicKey));
            if (verifier.KeyId.ToString("x8", System.Globalization.CultureInfo.InvariantCulture) == parts[3])
            {
                key = new AuditKey(secret, verifier);
                secret = null;
            }
        }
        catch (ArgumentException)
        {
            return false;
        }
        finally
        {
            secret?.Dispose();
        }

        return key is not null;
    }

    /// <inheritdoc />
    public byte[] Sign(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SignatureAlgorithm.Ed25519.Sign(_key, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Cosigns as a witness (C2SP tlog-cosignature, v1).</summary>
    /// <param name="text">The text of the checkpoint.</param>
    /// <param name="time">When; counted in whole seconds.</param>
    public NoteSignature Cosign(string text, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(text);
        ulong seconds = (ulong)time.ToUnixTimeSeconds();
        byte[] value = new byte[72];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(value, seconds);
        SignatureAlgorithm.Ed25519.Sign(_key, VerifierKey.CosignedMessage(text, seconds)).CopyTo(value, 8);
        return new NoteSignature(Key.Name, Key.KeyId, value);
    }

    /// <summary>The whole key. Whoever has it can sign in the name of the log.</summary>
    public string ToPrivateText() => $"{Prefix}{Key.Name}+{Key.KeyId:x8}+{Convert.ToBase64String([Key.Type, .. _key.Export(KeyBlobFormat.RawPrivateKey)])}";

    /// <summary>The public key.</summary>
    public override string ToString() => Key.ToString();

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}
