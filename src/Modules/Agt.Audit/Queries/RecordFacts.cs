using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Records;

namespace Agt.Audit.Queries;

/// <summary>What an index keeps of a record: a number for every fact it can be found by, its ids and its time. A record that cannot be read has none.</summary>
/// <remarks>Facts of different records may share a number, though it takes 2^32 tries to make two that do: what is found is compared with what was asked.</remarks>
internal sealed class RecordFacts
{
    private const int MaxPolicies = 33;
    private const int MaxKnown = 4_096;
    private readonly Dictionary<(IndexField Field, string Value), long> _known = [];

    /// <summary>The numbers of the facts, each once.</summary>
    internal List<long> Terms { get; } = [];

    /// <summary>The key of the record's own id.</summary>
    internal Guid? RecordKey { get; private set; }

    /// <summary>The id of the decision, if it is the record of one.</summary>
    internal long? DecisionId { get; private set; }

    /// <summary>The time, in microseconds since 1970.</summary>
    internal long? At { get; private set; }

    /// <summary>The number of a fact: the first eight bytes of the SHA-256 of its field and its value.</summary>
    internal static long Term(IndexField field, string value)
    {
        Span<byte> input = stackalloc byte[256];
        int bytes = Encoding.UTF8.GetByteCount(value);
        input = bytes < input.Length ? input : new byte[bytes + 1];
        input[0] = (byte)field;
        Encoding.UTF8.GetBytes(value, input[1..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(bytes + 1)], hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>The key of a record's id: the UUID itself, or what stands for an id that is none.</summary>
    internal static Guid KeyOf(string recordId) => Guid.TryParseExact(recordId, "D", out Guid id) ? id : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(recordId)).AsSpan(0, 16), bigEndian: true);

    internal static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The facts of a record, by field; a record that took part in several policies has several of them.</summary>
    internal static List<(IndexField Field, string Value)> Of(in RecordHead head, ReadOnlySpan<byte> leaf)
    {
        var facts = new List<(IndexField, string)>(12);
        Add(IndexField.Agent, head.Agent);
        Add(IndexField.Kind, head.Kind);
        Add(IndexField.EventType, head.EventType);
        Add(IndexField.Decision, head.Decision);
        Add(IndexField.Rule, head.Rule);
        Add(IndexField.Session, head.SessionId);
        Add(IndexField.Trace, head.TraceId);
        Add(IndexField.Action, head.Action);

        // What is usual is not written (AUD-103): an outcome that says nothing is a success.
        Add(IndexField.Outcome, head.Outcome ?? (head.Kind == "outcome" ? "success" : null));
        Add(IndexField.Policy, head.PolicyVersion);
        AddPolicies(facts, leaf);
        return facts;

        void Add(IndexField field, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts.Add((field, value));
            }
        }
    }

    /// <summary>Reads a record; what was read before is forgotten.</summary>
    internal void Read(ReadOnlySpan<byte> leaf)
    {
        RecordHead head = RecordHead.Read(leaf);
        Terms.Clear();
        foreach ((IndexField field, string value) in Of(in head, leaf))
        {
            long term = Known(field, value);
            if (!Terms.Contains(term))
            {
                Terms.Add(term);
            }
        }

        RecordKey = head.RecordId is { } id ? KeyOf(id) : null;
        DecisionId = head.Kind == "decision" && ulong.TryParse(head.DecisionId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong decision) ? (long)decision : null;
        At = head.OccurredAt is { } at ? Microseconds(at) : null;
    }

    /// <summary>Whether a record is what a query asks for.</summary>
    internal static bool Matches(AuditQuery query, IReadOnlyList<(IndexField Field, string Value)> terms, ReadOnlySpan<byte> leaf)
    {
        RecordHead head = RecordHead.Read(leaf);
        List<(IndexField Field, string Value)> facts = Of(in head, leaf);
        return terms.All(facts.Contains) && (query.From is null || head.OccurredAt >= query.From) && (query.To is null || head.OccurredAt <= query.To);
    }

    /// <summary>The number of a fact, remembered for a while: most records say what others say.</summary>
    private long Known(IndexField field, string value)
    {
        if (!_known.TryGetValue((field, value), out long term))
        {
            if (_known.Count == MaxKnown)
            {
                _known.Clear();
            }

            term = Term(field, value);
            _known.Add((field, value), term);
        }

        return term;
    }

    private static void AddPolicies(List<(IndexField Field, string Value)> facts, ReadOnlySpan<byte> leaf)
    {
        int at = leaf.IndexOf("\"policies\":["u8);
        if (at < 0)
        {
            return;
        }

        try
        {
            int first = facts.Count;
            var reader = new Utf8JsonReader(leaf, new JsonReaderOptions { MaxDepth = 32 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool policies = reader.ValueTextEquals("policies"u8);
                reader.Read();
                if (!policies || reader.TokenType != JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                int depth = reader.CurrentDepth;
                while (reader.Read() && reader.CurrentDepth > depth && facts.Count - first < MaxPolicies)
                {
                    if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2 && reader.ValueTextEquals("sha256"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                    {
                        facts.Add((IndexField.Policy, reader.GetString()!));
                    }
                }

                return;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A record of somebody else: it is found by what could be read of it.
            return;
        }
    }
}
