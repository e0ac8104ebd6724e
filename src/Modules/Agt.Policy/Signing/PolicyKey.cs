using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace Agt.Policy.Signing;

/// <summary>
/// An Ed25519 key that signs policy files, as a JSON Web Key (RFC 8037, section 2). Keep it where no agent can read it. A signature is a JSON Web Signature with
/// detached content (RFC 7515, appendix F) over every byte of the file, and lies beside it: <c>refunds.yaml.jws</c> signs <c>refunds.yaml</c>. Thread-safe.
/// </summary>
public sealed class PolicyKey : IDisposable
{
    private const int MaxCharacters = 4_096;
    private readonly Key _key;

    private PolicyKey(string keyId, Key key)
    {
        KeyId = keyId;
        _key = key;
    }

    /// <summary>The name of the key.</summary>
    public string KeyId { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="keyId">Its name, 1 to 128 characters.</param>
    public static PolicyKey Create(string keyId)
    {
        CheckId(keyId);
        return new PolicyKey(keyId, Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="json">A JSON Web Key: <c>kty</c> OKP, <c>crv</c> Ed25519, <c>kid</c>, <c>x</c> and <c>d</c>.</param>
    /// <exception cref="FormatException">It is no such key. The message never shows it.</exception>
    public static PolicyKey FromJsonWebKey(string json)
    {
        (string keyId, byte[] x, byte[]? d) = Read(json);
        if (d is null)
        {
            throw new FormatException("The key has no 'd': it is the public key, which cannot sign.");
        }

        if (!Key.TryImport(SignatureAlgorithm.Ed25519, d, KeyBlobFormat.RawPrivateKey, out Key? key, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }))
        {
            throw new FormatException("The key's 'd' is no Ed25519 private key of 32 bytes.");
        }

        if (!key!.PublicKey.Export(KeyBlobFormat.RawPublicKey).AsSpan().SequenceEqual(x))
        {
            key.Dispose();
            throw new FormatException("The key's 'x' is not the public key of its 'd'.");
        }

        return new PolicyKey(keyId, key);
    }

    /// <summary>Signs the bytes of a policy file.</summary>
    /// <param name="policy">The file, byte for byte.</param>
    /// <returns>The content of the signature file.</returns>
    public string Sign(ReadOnlySpan<byte> policy)
    {
        string header = PolicySignature.Header(KeyId);
        return header + ".." + Base64Url.EncodeToString(SignatureAlgorithm.Ed25519.Sign(_key, PolicySignature.SigningInput(header, policy)));
    }

    /// <summary>The public key, for those who check signatures.</summary>
    public string ToPublicJsonWebKey() => Write(withPrivate: false);

    /// <summary>The whole key. Whoever has it can sign policies.</summary>
    public string ToPrivateJsonWebKey() => Write(withPrivate: true);

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();

    internal static void CheckId(string keyId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyId.Length, 128, nameof(keyId));
    }

    /// <exception cref="FormatException">It is no Ed25519 key.</exception>
    internal static (string KeyId, byte[] X, byte[]? D) Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxCharacters)
        {
            throw new FormatException($"A key has at most {MaxCharacters} characters.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "kty") != "OKP" || Text(root, "crv") != "Ed25519")
            {
                throw new FormatException("It is no JSON Web Key with \"kty\":\"OKP\" and \"crv\":\"Ed25519\".");
            }

            string keyId = Text(root, "kid") is { Length: > 0 and <= 128 } named ? named : throw new FormatException("The key has no name: give it a \"kid\" of 1 to 128 characters.");
            byte[] x = Bytes(root, "x") ?? throw new FormatException("The key has no 'x', the public key.");
            return (keyId, x, Bytes(root, "d"));
        }
        catch (JsonException)
        {
            throw new FormatException("It is no JSON.");
        }
    }

    private static string? Text(JsonElement key, string name) => key.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement key, string name) => Text(key, name) is not { } text ? null
        : Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is { Length: 32 } bytes ? bytes
        : throw new FormatException($"The key's '{name}' is not 32 bytes in base64url.");

    private string Write(bool withPrivate)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("kty", "OKP");
            writer.WriteString("crv", "Ed25519");
            writer.WriteString("kid", KeyId);
            writer.WriteString("x", Base64Url.EncodeToString(_key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
            if (withPrivate)
            {
                writer.WriteString("d", Base64Url.EncodeToString(_key.Export(KeyBlobFormat.RawPrivateKey)));
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
