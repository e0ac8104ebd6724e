using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agt.Audit.Merkle;

namespace Agt.Audit.Statements;

/// <summary>
/// What somebody says about things with digests (in-toto attestation framework, Statement v1): subjects, the type of what is said, and what is said. Signed as the payload of a <see cref="DsseEnvelope"/>. Immutable
/// and thread-safe.
/// </summary>
/// <param name="Subjects">What it is about, 1 to 10,000.</param>
/// <param name="PredicateType">The type of what is said, a URI.</param>
/// <param name="Predicate">What is said: one JSON object.</param>
public sealed record InTotoStatement(IReadOnlyList<StatementSubject> Subjects, string PredicateType, ReadOnlyMemory<byte> Predicate)
{
    /// <summary>The type of the payload of an envelope around a statement.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const int MaxSubjects = 10_000;

    /// <summary>Reads a statement. Verify the envelope around it first.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out InTotoStatement? statement, [NotNullWhen(false)] out string? error)
    {
        statement = null;
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            JsonElement subjects = root.GetProperty("subject");
            JsonElement predicate = root.GetProperty("predicate");
            if (root.GetProperty("_type").GetString() != StatementType || subjects.GetArrayLength() is 0 or > MaxSubjects || predicate.ValueKind != JsonValueKind.Object)
            {
                error = $"A statement is of the type '{StatementType}', has 1 to {MaxSubjects} subjects and an object as its predicate.";
                return false;
            }

            var found = new List<StatementSubject>(subjects.GetArrayLength());
            foreach (JsonElement subject in subjects.EnumerateArray())
            {
                if (!LogHash.TryParseHex(subject.GetProperty("digest").GetProperty("sha256").GetString(), out LogHash hash))
                {
                    error = "The sha256 of a subject is not 64 lower-case hexadecimal digits.";
                    return false;
                }

                found.Add(new StatementSubject(subject.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? string.Empty : string.Empty, hash));
            }

            statement = new InTotoStatement(found, root.GetProperty("predicateType").GetString() ?? string.Empty, Encoding.UTF8.GetBytes(predicate.GetRawText()));
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            error = "No in-toto statement: " + exception.Message;
            return false;
        }
    }

    /// <summary>The JSON of the statement.</summary>
    public byte[] ToUtf8()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("_type", StatementType);
            writer.WriteStartArray("subject");
            foreach (StatementSubject subject in Subjects)
            {
                writer.WriteStartObject();
                writer.WriteString("name", subject.Name);
                writer.WriteStartObject("digest");
                writer.WriteString("sha256", subject.Sha256.ToString());
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("predicateType", PredicateType);
            writer.WritePropertyName("predicate");
            writer.WriteRawValue(Predicate.Span);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
