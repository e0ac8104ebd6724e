using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Agt.Audit.Export;
using Agt.Audit.Stores;

namespace Agt.Audit.Records;

/// <summary>
/// Arguments that are too long for an entry of a log: they lie in a file beside it, and the record holds their SHA-256 and length (<c>context_ref</c>; spec 09, AUD-113). The file is durable before the record is.
/// </summary>
public static class ContextBlob
{
    private const string Folder = "blobs";

    /// <summary>Reads the arguments that a record refers to.</summary>
    /// <param name="directory">The directory of the log.</param>
    /// <param name="index">The record's place.</param>
    /// <param name="leaf">The record.</param>
    /// <returns>The arguments as JSON; null if the record refers to none, or they are not there.</returns>
    /// <exception cref="InvalidDataException">What lies there is not what the record commits to.</exception>
    public static string? Read(string directory, long index, ReadOnlyMemory<byte> leaf)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        using JsonDocument? document = RecordExport.Parse(leaf);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("context_ref", out JsonElement reference) ||
            RecordExport.Text(reference, "sha256") is not { Length: 64 } hash || !hash.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        string path = PathOf(directory, index, hash);
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == hash
            ? System.Text.Encoding.UTF8.GetString(bytes)
            : throw new InvalidDataException($"'{path}' is not what record {index} commits to: it was changed.");
    }

    /// <summary>Keeps arguments, durably.</summary>
    /// <returns>Their SHA-256.</returns>
    internal static string Write(string directory, long index, ReadOnlySpan<byte> canonical)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(canonical));
        ProtectedFiles.Replace(PathOf(directory, index, hash), canonical);
        return hash;
    }

    /// <summary>Removes what belongs to records before a place.</summary>
    internal static void Drop(string directory, long first)
    {
        string folder = Path.Combine(directory, Folder);
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string path in Directory.GetFiles(folder))
        {
            string name = Path.GetFileName(path);
            if (name.Length > 16 && long.TryParse(name.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long index) && index < first)
            {
                File.Delete(path);
            }
        }

        ProtectedFiles.FlushDirectory(folder);
    }

    private static string PathOf(string directory, long index, string hash) => Path.Combine(directory, Folder, string.Create(CultureInfo.InvariantCulture, $"{index:x16}-{hash}.json"));
}
