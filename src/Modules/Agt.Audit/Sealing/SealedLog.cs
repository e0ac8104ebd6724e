using System.Text.Json;

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

    /// <summary>The arguments of a record.</summary>
    /// <param name="index">The record's place.</param>
    /// <param name="leaf">The record.</param>
    /// <param name="arguments">The arguments as JSON, if they are clear or disclosed.</param>
    /// <returns>What can be said of them; <see cref="FieldStatus.Withheld"/> for a record without arguments.</returns>
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

            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("_sd", out JsonElement digest) || value.EnumerateObject().Count() != 1)
            {
                arguments = value.GetRawText();
                return FieldStatus.Clear;
            }

            return _vault.Open(index, document.RootElement.GetProperty("record_id").GetGuid(), digest.GetString() ?? string.Empty, out arguments);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return FieldStatus.Mismatch;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _vault.Dispose();
}
