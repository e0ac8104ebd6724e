using System.Security.Cryptography;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Verification;

namespace Agt.Audit.Retention;

/// <summary>
/// A log set aside before a part of it is dropped: the published form (C2SP tlog-tiles), which any tool for it verifies offline, and a manifest with the digest of every file. What is archived into one
/// directory again and again stays whole there, although the log itself has become short (spec 09, AUD-612).
/// </summary>
public static class ColdArchive
{
    /// <summary>The name of the manifest.</summary>
    public const string ManifestName = "manifest.json";

    /// <summary>Writes a log into an archive and verifies what lies there afterwards, record by record.</summary>
    /// <param name="store">The log.</param>
    /// <param name="directory">The archive; made if it is not there.</param>
    /// <param name="key">The key of the log.</param>
    /// <param name="now">The time, for the manifest.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The SHA-256 of the manifest, 64 hexadecimal digits.</returns>
    /// <exception cref="InvalidDataException">What lies in the archive is not the log.</exception>
    /// <exception cref="IOException">The archive cannot be written.</exception>
    public static string Write(IAuditStore store, string directory, VerifierKey key, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentNullException.ThrowIfNull(key);
        TileDirectory.Publish(store, directory);
        TileDirectory archive = TileDirectory.Open(directory);
        LogVerification verification = new LogVerifier(archive, TrustPolicy.Of(key)).Verify(cancellationToken);
        if (!verification.IsValid || archive.First > store.First)
        {
            throw new InvalidDataException($"The archive in '{directory}' is not the log: {verification.Error ?? "it begins later."}");
        }

        byte[] manifest = Manifest(directory, verification, archive.First, now, cancellationToken);
        ProtectedFiles.Replace(Path.Combine(directory, ManifestName), manifest);
        return Convert.ToHexStringLower(SHA256.HashData(manifest));
    }

    private static byte[] Manifest(string directory, LogVerification verification, long first, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Checkpoint checkpoint = verification.Checkpoint!.Checkpoint;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("archived_at", now.UtcDateTime);
            writer.WriteString("origin", checkpoint.Origin);
            writer.WriteNumber("first", first);
            writer.WriteNumber("size", checkpoint.Size);
            writer.WriteString("root", checkpoint.Root.ToString());
            writer.WriteStartArray("files");
            foreach (string file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file).Replace('\\', '/')).Where(file => file != ManifestName).Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                byte[] bytes = File.ReadAllBytes(Path.Combine(directory, file));
                writer.WriteStartObject();
                writer.WriteString("path", file);
                writer.WriteNumber("bytes", bytes.Length);
                writer.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
