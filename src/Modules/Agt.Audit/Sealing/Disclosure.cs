using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Records;

namespace Agt.Audit.Sealing;

/// <summary>
/// The opening of one redacted member of a record: salt, place and value, so written that whoever has it can check it against the digest in the record (in the manner of RFC 9901; spec 09, 5.5).
/// </summary>
internal static class Disclosure
{
    internal const int SaltBytes = 16;

    /// <summary>Writes a disclosure: base64url of the canonical array of salt, pointer and value.</summary>
    /// <param name="salt">16 random bytes.</param>
    /// <param name="pointer">The place of the member (RFC 6901).</param>
    /// <param name="canonicalValue">The value in canonical form.</param>
    internal static byte[] Write(ReadOnlySpan<byte> salt, string pointer, ReadOnlySpan<byte> canonicalValue)
    {
        var json = new JsonWriter();
        json.Raw("[\""u8);
        json.Raw(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(salt)));
        json.Raw("\","u8);
        json.Text(pointer, 1_024);
        json.Raw(","u8);
        json.Raw(canonicalValue);
        json.Raw("]"u8);
        return Encoding.ASCII.GetBytes(Base64Url.EncodeToString(json.Written));
    }

    /// <summary>The digest that stands in the record.</summary>
    internal static string DigestOf(ReadOnlySpan<byte> disclosure)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(disclosure, hash);
        return Base64Url.EncodeToString(hash);
    }

    /// <summary>Reads the value out of a disclosure, if it is one of this place.</summary>
    internal static string? ValueOf(ReadOnlySpan<byte> disclosure, string pointer)
    {
        try
        {
            using JsonDocument array = JsonDocument.Parse(Base64Url.DecodeFromUtf8(disclosure), new JsonDocumentOptions { MaxDepth = 128 });
            JsonElement root = array.RootElement;
            return root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 3 && root[1].ValueKind == JsonValueKind.String && root[1].ValueEquals(pointer) ? root[2].GetRawText() : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
