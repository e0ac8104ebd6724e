using System.Security.Cryptography;
using System.Text.Json;
using Agt.Audit.Export;

namespace Agt.Audit.Import;

/// <summary>
/// Takes the hash chain of the older toolkit, one JSON object a line, into a log: the whole chain is verified first, and then every entry becomes a record of the kind <c>imported</c>. Members that its hash does not cover
/// stand in the record as unattested (spec 09, AUD-218).
/// </summary>
public static class LegacyChain
{
    private const int MaxLineBytes = 1024 * 1024;
    private const string ImportedType = "log.imported";

    /// <summary>Verifies a chain.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>How many entries it has.</returns>
    /// <exception cref="InvalidDataException">It is no chain, or was changed; the message names the line.</exception>
    public static async Task<long> VerifyAsync(string file, CancellationToken cancellationToken = default)
    {
        long count = 0;
        await foreach (Line line in ReadAsync(file, cancellationToken).ConfigureAwait(false))
        {
            line.Document.Dispose();
            count++;
        }

        return count;
    }

    /// <summary>Verifies a chain and appends its entries.</summary>
    /// <param name="log">The log.</param>
    /// <param name="file">The file.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="progress">Called now and then with the number of entries that are durable; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early; what was appended stays, and the file may be imported again.</param>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="InvalidDataException">It is no chain, or was changed, or is in the log already. Nothing was appended.</exception>
    /// <exception cref="IOException">The log cannot take it.</exception>
    public static async Task<long> ImportAsync(AuditLog log, string file, string actor, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        const int AtOnce = 512;
        ArgumentNullException.ThrowIfNull(log);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        string digest = await DigestAsync(file, cancellationToken).ConfigureAwait(false);
        RequireNew(log, file, digest);
        long count = await VerifyAsync(file, cancellationToken).ConfigureAwait(false);
        var waiting = new List<Task<long>>(AtOnce);
        long done = 0;
        await foreach (Line line in ReadAsync(file, cancellationToken).ConfigureAwait(false))
        {
            using (line.Document)
            {
                waiting.Add(log.AppendAsync(LegacyEntry.ToDraft(line.Document.RootElement, line.Hash), cancellationToken).AsTask());
            }

            if (waiting.Count == AtOnce)
            {
                await DrainAsync().ConfigureAwait(false);
            }
        }

        await DrainAsync().ConfigureAwait(false);
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["agt.actor"] = actor, ["agt.count"] = count.ToString(System.Globalization.CultureInfo.InvariantCulture), ["agt.file_sha256"] = digest,
        };
        await log.AppendAsync(new AuditEvent("config", ImportedType, "import") { Resource = Path.GetFileName(file), Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        return count;

        async Task DrainAsync()
        {
            await Task.WhenAll(waiting).ConfigureAwait(false);
            done += waiting.Count;
            waiting.Clear();
            progress?.Invoke(done);
        }
    }

    private static async Task<string> DigestAsync(string file, CancellationToken cancellationToken)
    {
        FileStream stream = File.OpenRead(file);
        await using (stream.ConfigureAwait(false))
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        }
    }

    private static void RequireNew(AuditLog log, string file, string digest)
    {
        byte[] mark = System.Text.Encoding.ASCII.GetBytes($"\"agt.file_sha256\":\"{digest}\"");
        long index = log.First;
        foreach (ReadOnlyMemory<byte> leaf in log.Read(index, log.Size - index))
        {
            if (leaf.Span.IndexOf(mark) >= 0 && Records.RecordHead.Read(leaf.Span) is { Kind: "config", EventType: ImportedType })
            {
                throw new InvalidDataException($"'{file}' is in the log already, up to record {index}.");
            }

            index++;
        }
    }

    private static async IAsyncEnumerable<Line> ReadAsync(string file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
        string previous = string.Empty;
        long number = 0;
        while (await ReadLineAsync(reader, file, number + 1, cancellationToken).ConfigureAwait(false) is { } text)
        {
            number++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            JsonDocument document = Parse(text) ?? throw new InvalidDataException($"{file}, line {number}: this is no entry of a chain, which is one JSON object.");
            string hash = LegacyEntry.HashOf(document.RootElement);
            string? stated = RecordExport.Text(document.RootElement, "entry_hash");
            string? link = RecordExport.Text(document.RootElement, "previous_hash");
            if (stated != hash || link != previous)
            {
                document.Dispose();
                throw new InvalidDataException(stated != hash
                    ? $"{file}, line {number}: the entry does not have the hash that it says ('{stated}'; it has '{hash}'): it was changed."
                    : $"{file}, line {number}: the entry follows '{link}', and the one before it is '{previous}': entries were taken out, put in or reordered.");
            }

            previous = hash;
            yield return new Line(document, hash);
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader, string file, long number, CancellationToken cancellationToken)
    {
        try
        {
            string? line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            return line is null || line.Length <= MaxLineBytes ? line : throw new InvalidDataException($"{file}, line {number}: an entry has {MaxLineBytes} characters at most.");
        }
        catch (System.Text.DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{file}, line {number}: these bytes are no UTF-8.", exception);
        }
    }

    private static JsonDocument? Parse(string text)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Records.DraftSchema.MaxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private readonly record struct Line(JsonDocument Document, string Hash);
}
