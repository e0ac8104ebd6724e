using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agt.Audit.Export;

namespace Agt.Audit.Sealing;

/// <summary>Reads what was sealed beside a log, with its sealing key. Changes nothing. Thread-safe.</summary>
public sealed class SealedLog : IDisposable
{
    private readonly Vault _vault;

    private SealedLog(Vault vault) => _vault = vault;

    /// <summary>Opens what lies beside a log.</summary>
    /// <param name="directory">The directory of the log.</param>
    /// <param name="keyFile">The file of the sealing key.</param>
    /// <exception cref="IOException">It is missing, or the key is another one.</exception>
    public static SealedLog Open(string directory, string keyFile)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentException.ThrowIfNullOrWhiteSpace(keyFile);
        return new SealedLog(Vault.Open(directory, SealingKey.Load(keyFile), write: false));
    }

    /// <summary>The arguments of a record, with what can be opened of them in its place.</summary>
    /// <param name="index">The record's place.</param>
    /// <param name="leaf">The record.</param>
    /// <param name="arguments">The arguments as JSON, if they are clear or disclosed; where only some of their members can be opened, those are in their place, and digests in that of the others.</param>
    /// <returns>What can be said of them, and of the least open of their members; <see cref="FieldStatus.Withheld"/> for a record without arguments.</returns>
    public FieldStatus ReadArguments(long index, ReadOnlyMemory<byte> leaf, out string? arguments)
    {
        arguments = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf, new JsonDocumentOptions { MaxDepth = 128 });
            if (!document.RootElement.TryGetProperty("context", out JsonElement context) || !context.TryGetProperty("arguments", out JsonElement value))
            {
                return FieldStatus.Withheld;
            }

            Dictionary<string, SealedField> fields = Open(index, document.RootElement).ToDictionary(found => found.Path, StringComparer.Ordinal);
            FieldStatus status = fields.Values.Select(found => found.Status).DefaultIfEmpty(FieldStatus.Clear).Max();
            if (fields.TryGetValue(Vault.Pointer, out SealedField? whole))
            {
                arguments = whole.Value;
                return whole.Status;
            }

            arguments = JsonNode.Parse(value.GetRawText()) is { } tree ? Opened(tree, fields.Values) : value.GetRawText();
            return status;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return FieldStatus.Mismatch;
        }
    }

    /// <summary>The members of a record that were sealed, each with what opens it, so that an auditor can be given some of them and not others.</summary>
    /// <param name="index">The record's place.</param>
    /// <param name="leaf">The record.</param>
    public IReadOnlyList<SealedField> ReadFields(long index, ReadOnlyMemory<byte> leaf)
    {
        using JsonDocument? document = RecordExport.Parse(leaf);
        return document is null ? [] : [.. Open(index, document.RootElement)];
    }

    private IEnumerable<SealedField> Open(long index, JsonElement record) =>
        SealedMembers.Of(record).Select(member => _vault.Open(index, record.GetProperty("record_id").GetGuid(), member.Pointer, member.Digest));

    /// <summary>Puts what was opened in the place of its digests.</summary>
    private static string Opened(JsonNode tree, IEnumerable<SealedField> fields)
    {
        foreach (SealedField opened in fields.Where(found => found.Value is not null))
        {
            string[] parts = [.. opened.Path[(Vault.Pointer.Length + 1)..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
            JsonNode? parent = tree;
            foreach (string part in parts[..^1])
            {
                parent = parent is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : parent?[part];
            }

            if (parent is JsonArray array)
            {
                array[int.Parse(parts[^1], CultureInfo.InvariantCulture)] = JsonNode.Parse(opened.Value!);
            }
            else if (parent is JsonObject map)
            {
                map[parts[^1]] = JsonNode.Parse(opened.Value!);
            }
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            tree.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <inheritdoc />
    public void Dispose() => _vault.Dispose();
}
