using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace Agt.Policy.Signing;

/// <summary>
/// Signatures of policy files: JSON Web Signature with detached content (RFC 7515, appendix F) and EdDSA with Ed25519 (RFC 8037), in a file beside the policy whose
/// name is that of the policy with <see cref="FileSuffix"/>. It covers every byte of the file.
/// </summary>
internal static class PolicySignature
{
    /// <summary>What the name of a signature file ends with: <c>refunds.yaml.jws</c> signs <c>refunds.yaml</c>.</summary>
    internal const string FileSuffix = ".jws";

    /// <summary>Bytes that a signature file may have.</summary>
    internal const int MaxBytes = 4_096;

    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    /// <summary>Checks a signature.</summary>
    /// <param name="policy">The file, byte for byte.</param>
    /// <param name="signature">The content of the signature file; blanks around it do not matter.</param>
    /// <param name="trusted">Whose signatures count.</param>
    /// <param name="problem">What is wrong, or null.</param>
    /// <returns>The name of the key that signed, or null.</returns>
    internal static string? Verify(ReadOnlySpan<byte> policy, string signature, IReadOnlyList<PolicySigner> trusted, out string? problem)
    {
        string[] parts = signature.Trim().Split('.');
        if (parts is not [var header, "", var value])
        {
            problem = "It is no JSON Web Signature with detached content (header, two dots, signature).";
            return null;
        }

        if (Decode(header) is not { } headerBytes || Decode(value) is not { Length: 64 } bytes)
        {
            problem = "Its header or its signature is not base64url, or the signature has not 64 bytes.";
            return null;
        }

        if (ReadKeyId(headerBytes) is not { } keyId)
        {
            problem = "Its header must be {\"alg\":\"EdDSA\",\"kid\":...} and nothing else.";
            return null;
        }

        if (trusted.FirstOrDefault(signer => signer.KeyId == keyId) is not { } signer)
        {
            problem = $"It names the key {Loading.YamlDocumentReader.Shown(keyId)}, which is not trusted.";
            return null;
        }

        bool valid = Algorithm.Verify(signer.Key, SigningInput(header, policy), bytes);
        problem = valid ? null : "The signature does not match the file: one of the two was changed.";
        return valid ? signer.KeyId : null;
    }

    /// <summary>The protected header, in base64url.</summary>
    internal static string Header(string keyId)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("alg", "EdDSA");
            writer.WriteString("kid", keyId);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(stream.ToArray());
    }

    internal static byte[] SigningInput(string header, ReadOnlySpan<byte> policy) => Encoding.ASCII.GetBytes(header + "." + Base64Url.EncodeToString(policy));

    private static byte[]? Decode(string text)
    {
        // One text for one value: padding and stray bits would be other spellings of the same signature.
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }

    /// <summary>The algorithm is never taken from the signature: a header that names another one, or anything more than the key, is refused.</summary>
    private static string? ReadKeyId(byte[] header)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 2 });
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.GetPropertyCount() == 2
                && root.TryGetProperty("alg", out JsonElement algorithm) && algorithm.ValueKind == JsonValueKind.String && algorithm.ValueEquals("EdDSA")
                && root.TryGetProperty("kid", out JsonElement keyId) && keyId.ValueKind == JsonValueKind.String ? keyId.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
