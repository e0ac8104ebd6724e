using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Bom;
using Agt.Values;

namespace Agt.Audit.Records;

/// <summary>The members that a record may have when somebody else hands it in, and what each must be (spec 09, 4.1 and 3.1).</summary>
internal static class DraftSchema
{
    internal const int MaxDepth = 16;
    private const int MaxItems = 64;
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private static readonly FrozenDictionary<string, Func<string, JsonElement, byte[]?>> Members = new Dictionary<string, Func<string, JsonElement, byte[]?>>(StringComparer.Ordinal)
    {
        ["v"] = static (name, value) => Require(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int version) && version == 1, name, "is 1", (byte[]?)null),
        ["record_id"] = static (name, value) => Text(Id(name, value)),
        ["kind"] = static (name, value) => Text(OneOf(name, value, "decision", "outcome", "event", "delta", "commitment", "security", "imported")),
        ["event_type"] = static (name, value) => Optional(String(name, value, 128)),
        ["occurred_at"] = Time,
        ["issued_at"] = Time,
        ["completed_at"] = Time,
        ["emitter_id"] = static (name, value) => Text(NotEmpty(name, value, 128)),
        ["emitter_seq"] = static (name, value) => Number(name, value, 1, long.MaxValue >> 10),
        ["agent_did"] = static (name, value) => Text(Require(String(name, value, 512) is var did && did.StartsWith("did:", StringComparison.Ordinal), name, "begins with did:", did)),
        ["agent_id"] = static (name, value) => Optional(String(name, value, 512)),
        ["target_did"] = static (name, value) => Optional(String(name, value, 512)),
        ["approver_did"] = static (name, value) => Optional(String(name, value, 512)),
        ["delegation"] = Delegation,
        ["action"] = static (name, value) => Optional(String(name, value, 1_024)),
        ["resource"] = static (name, value) => Optional(String(name, value, 1_024)),
        ["arguments_hash"] = static (name, value) => Text(Hex(name, value, 64)),
        ["context"] = Free,
        ["decision"] = static (name, value) => Optional(String(name, value, 32)),
        ["reason"] = static (name, value) => Optional(String(name, value, 4_096)),
        ["reason_code"] = static (name, value) => Optional(String(name, value, 128)),
        ["severity"] = static (name, value) => OneOf(name, value, "critical", "high", "medium", "low", "info") is var severity && severity == "info" ? null : Text(severity),
        ["category"] = static (name, value) => Optional(String(name, value, 64)),
        ["matched_rule"] = static (name, value) => Optional(String(name, value, 256)),
        ["policies"] = Objects,
        ["policy_version"] = static (name, value) => Optional(String(name, value, 128)),
        ["trust_score"] = static (name, value) => Number(name, value, 0, 1_000),
        ["latency_ns"] = static (name, value) => Number(name, value, 0, long.MaxValue >> 10) is var number && number.AsSpan().SequenceEqual("0"u8) ? null : number,
        ["outcome"] = static (name, value) => OneOf(name, value, "success", "failure", "denied", "error") is var outcome && outcome == "success" ? null : Text(outcome),
        ["decision_ref"] = static (name, value) => Optional(String(name, value, 128)),
        ["trace_id"] = static (name, value) => Text(Hex(name, value, 32, zero: false)),
        ["span_id"] = static (name, value) => Text(Hex(name, value, 16, zero: false)),
        ["parent_span_id"] = static (name, value) => Text(Hex(name, value, 16, zero: false)),
        ["session_id"] = static (name, value) => Optional(String(name, value, 256)),
        ["sandbox_id"] = static (name, value) => Optional(String(name, value, 256)),
        ["environment"] = static (name, value) => Optional(String(name, value, 256)),
        ["compute_driver"] = static (name, value) => Optional(String(name, value, 256)),
        ["bom"] = Objects,
        ["attributes"] = Free,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Checks a member and puts it in canonical form; null if it is the default, and left out.</summary>
    internal static byte[]? Check(string name, JsonElement value) => Members.TryGetValue(name, out Func<string, JsonElement, byte[]?>? check)
        ? check(name, value)
        : throw new InvalidRecordException(name, $"A record has no member '{name}'; free data goes into 'attributes', under a name with a prefix.");

    /// <summary>Checks what members say together, and settles what follows from them.</summary>
    internal static void CheckWhole(SortedDictionary<string, byte[]> members, JsonElement? arguments)
    {
        foreach (string required in new[] { "kind", "action" })
        {
            _ = Require(members.ContainsKey(required), required, "is missing", 0);
        }

        _ = Require(members.ContainsKey("agent_did") || members.ContainsKey("agent_id"), "agent_id", "or 'agent_did' is missing", 0);
        _ = Require(members.ContainsKey("emitter_id") == members.ContainsKey("emitter_seq"), "emitter_seq", "and 'emitter_id' come together or not at all", 0);
        if (arguments is { } given)
        {
            byte[] hash = Text(Convert.ToHexStringLower(SHA256.HashData(CanonicalElement.Write(given, keepNulls: true))));
            _ = Require(!members.TryGetValue("arguments_hash", out byte[]? claimed) || claimed.AsSpan().SequenceEqual(hash), "arguments_hash", "is not the SHA-256 of the canonical form of 'arguments'", 0);
            members["arguments_hash"] = hash;
        }

        if (members.TryGetValue("decision", out byte[]? decision))
        {
            bool known = DecisionWords.IsKnown(JsonSerializer.Deserialize(decision, DraftJson.Default.String)!, out string outcome);
            members["decision"] = Text(outcome);
            if (!known)
            {
                members["reason_code"] = Text("unknown_effect");
            }
        }
        else
        {
            _ = Require(!members["kind"].AsSpan().SequenceEqual("\"decision\""u8), "decision", "is missing: a record of the kind 'decision' has one", 0);
        }
    }

    internal static byte[] Text(string text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 2);
        CanonicalJson.WriteString(output, text);
        return output.WrittenSpan.ToArray();
    }

    private static byte[]? Optional(string text) => text.Length == 0 ? null : Text(text);

    private static string String(string name, JsonElement value, int most)
    {
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return Require(text is not null && text.Length <= most, name, $"is a text of {most} characters at most", text!);
    }

    private static string OneOf(string name, JsonElement value, params ReadOnlySpan<string> words)
    {
        string text = String(name, value, 64);
        return Require(words.Contains(text), name, "is one of " + string.Join(", ", words), text);
    }

    private static string NotEmpty(string name, JsonElement value, int most)
    {
        string text = String(name, value, most);
        return Require(text.Length > 0, name, "is not empty", text);
    }

    private static string Id(string name, JsonElement value)
    {
        bool good = Guid.TryParseExact(String(name, value, 36), "D", out Guid id);
        return Require(good, name, "is a UUID", id).ToString("D");
    }

    private static string Hex(string name, JsonElement value, int digits, bool zero = true)
    {
        string text = String(name, value, digits);
        return Require(text.Length == digits && !text.AsSpan().ContainsAnyExcept(LowerHex) && (zero || text.AsSpan().ContainsAnyExcept('0')), name, $"has {digits} lower-case hexadecimal digits{(zero ? "" : ", not all zero")}", text);
    }

    private static byte[] Number(string name, JsonElement value, long least, long most)
    {
        long number = 0;
        bool good = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number >= least && number <= most;
        return Encoding.ASCII.GetBytes(Require(good, name, string.Create(CultureInfo.InvariantCulture, $"is a whole number from {least} to {most}"), number).ToString(CultureInfo.InvariantCulture));
    }

    private static byte[]? Time(string name, JsonElement value)
    {
        // A time without an offset is nobody's time.
        string text = String(name, value, 64);
        bool good = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time) && text.Length >= 20 && text[10] is 'T' or 't' or ' ' && (text[^1] is 'Z' or 'z' || text.AsSpan(19).IndexOfAny('+', '-') >= 0);
        return Text(Require(good, name, "is a time with its offset (RFC 3339), such as 2026-01-02T03:04:05.000000Z", time).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }

    private static byte[]? Delegation(string name, JsonElement value)
    {
        bool good = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 32 && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString()!.Length is > 0 and <= 512);
        return Require(good, name, "is a list of 32 names at most, each of 512 characters at most", value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0 ? null : CanonicalElement.Write(value));
    }

    private static byte[]? Objects(string name, JsonElement value)
    {
        bool good = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxItems && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object);
        return Require(good, name, $"is a list of {MaxItems} objects at most", value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0 ? null : CanonicalElement.Write(value));
    }

    private static byte[]? Free(string name, JsonElement value)
    {
        byte[] canonical = Require(value.ValueKind == JsonValueKind.Object, name, "is an object", CanonicalElement.Write(value));
        return canonical.Length == 2 ? null : canonical;
    }

    private static T Require<T>(bool good, string name, string rule, T value) => good ? value : throw new InvalidRecordException(name, $"The member '{name}' {rule}.");
}
