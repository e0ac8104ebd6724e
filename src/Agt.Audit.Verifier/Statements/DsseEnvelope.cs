using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Audit.Notes;

namespace Agt.Audit.Statements;

/// <summary>
/// Something signed, with its type, as one JSON object (DSSE v1, secure-systems-lab/dsse). What is signed is type and payload as they stand; nothing is parsed before its signature is verified. Immutable and
/// thread-safe.
/// </summary>
/// <param name="PayloadType">What the payload is, such as <c>application/vnd.in-toto+json</c>.</param>
/// <param name="Payload">The bytes that are signed.</param>
/// <param name="Signatures">The signatures, 1 to 16.</param>
public sealed record DsseEnvelope(string PayloadType, ReadOnlyMemory<byte> Payload, IReadOnlyList<DsseSignature> Signatures)
{
    /// <summary>The longest envelope that is read, 64 MiB.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const int MaxSignatures = 16;

    /// <summary>What is signed: the pre-authentication encoding of type and payload. It begins with a line that holds spaces, so that it is never the text of a checkpoint.</summary>
    /// <param name="payloadType">The type.</param>
    /// <param name="payload">The payload, UTF-8.</param>
    public static string ToBeSigned(string payloadType, ReadOnlySpan<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(payloadType);
        return string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} {Encoding.UTF8.GetString(payload)}");
    }

    /// <summary>Whether one of the signatures is that of a key.</summary>
    /// <param name="key">The key of a log (<see cref="VerifierKey.Ed25519Type"/>).</param>
    public bool IsSignedBy(VerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Type != VerifierKey.Ed25519Type)
        {
            return false;
        }

        string text = ToBeSigned(PayloadType, Payload.Span);
        return Signatures.Any(signature => key.Verify(text, signature.Value.Span, out _));
    }

    /// <summary>Reads an envelope. Its signatures are not checked.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out DsseEnvelope? envelope, [NotNullWhen(false)] out string? error)
    {
        envelope = null;
        if (utf8.Length > MaxBytes)
        {
            error = $"An envelope has {MaxBytes} bytes at most.";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            string type = root.GetProperty("payloadType").GetString() ?? string.Empty;
            byte[] payload = root.GetProperty("payload").GetBytesFromBase64();
            JsonElement list = root.GetProperty("signatures");
            if (type.Length is 0 or > 256 || list.GetArrayLength() is 0 or > MaxSignatures)
            {
                error = $"An envelope has a payload type and 1 to {MaxSignatures} signatures.";
                return false;
            }

            // Bytes that are no text would be signed as others than they are.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(payload);
            var signatures = new List<DsseSignature>(list.GetArrayLength());
            foreach (JsonElement signature in list.EnumerateArray())
            {
                signatures.Add(new DsseSignature(signature.TryGetProperty("keyid", out JsonElement id) ? id.GetString() ?? string.Empty : string.Empty, signature.GetProperty("sig").GetBytesFromBase64()));
            }

            envelope = new DsseEnvelope(type, payload, signatures);
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            error = "No DSSE envelope, which has payloadType, payload (base64 of UTF-8) and signatures: " + exception.Message;
            return false;
        }
    }

    /// <summary>The JSON of the envelope.</summary>
    public byte[] ToUtf8()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("payloadType", PayloadType);
            writer.WriteBase64String("payload", Payload.Span);
            writer.WriteStartArray("signatures");
            foreach (DsseSignature signature in Signatures)
            {
                writer.WriteStartObject();
                writer.WriteString("keyid", signature.KeyId);
                writer.WriteBase64String("sig", signature.Value.Span);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
