using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agt.Policy.RateLimits;
using Agt.Values;

namespace Agt.Cli;

/// <summary>
/// Writes decisions in the form <c>agt.decision/1</c>, one a line. What is equal for equal verdicts is written and digested once and remembered, up to a bound. Not thread-safe.
/// </summary>
internal sealed class DecisionWriter
{
    internal const string Schema = "agt.decision/1";

    private const int MostRemembered = 1024;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Dictionary<(VerdictDetail? Detail, VerdictOutcome Outcome, InterventionPoint Point), byte[]> _remembered = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly LoadedPolicies _policies;
    private readonly string _setDigest;

    internal DecisionWriter(LoadedPolicies policies, Digest setDigest)
    {
        _policies = policies;
        _setDigest = setDigest.ToString();
    }

    /// <summary>What has been written since the last <see cref="Clear"/>.</summary>
    internal ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    internal void Clear() => _buffer.ResetWrittenCount();

    /// <summary>Writes a decision and the end of its line.</summary>
    internal void Write(long? line, ActionInput action, Verdict verdict, TimeSpan? duration)
    {
        Begin(line, action.Id);
        _buffer.Write(Core(verdict, action.Point));
        if (duration is { } time)
        {
            _buffer.Write(",\"duration_us\":"u8);
            _buffer.Write(System.Text.Encoding.ASCII.GetBytes(time.TotalMicroseconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture)));
        }

        _buffer.Write("}\n"u8);
    }

    /// <summary>Writes that a line is no action. Never an allow.</summary>
    internal void WriteError(long? line, string message)
    {
        Begin(line, null);
        _buffer.Write(",\"outcome\":\"error\",\"allowed\":false,\"error\":"u8);
        Text(message);
        _buffer.Write("}\n"u8);
    }

    private void Begin(long? line, string? id)
    {
        _buffer.Write("{\"schema\":\"agt.decision/1\""u8);
        if (line is { } number)
        {
            _buffer.Write(",\"line\":"u8);
            Span<byte> digits = stackalloc byte[20];
            System.Buffers.Text.Utf8Formatter.TryFormat(number, digits, out int count);
            _buffer.Write(digits[..count]);
        }

        _buffer.Write(",\"id\":"u8);
        if (id is null)
        {
            _buffer.Write("null"u8);
        }
        else
        {
            Text(id);
        }
    }

    private void Text(string text)
    {
        using var writer = new Utf8JsonWriter(_buffer, Options);
        writer.WriteStringValue(text);
    }

    /// <summary>Every member that does not depend on the line, each after a comma, and the digest of them all.</summary>
    private byte[] Core(Verdict verdict, InterventionPoint point)
    {
        if (_remembered.TryGetValue((verdict.Detail, verdict.Outcome, point), out byte[]? known))
        {
            return known;
        }

        var core = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(core, Options))
        {
            WriteCore(writer, new DecisionFacts(verdict, _policies), point);
        }

        Digest digest = CanonicalJson.DigestOf(GovernedValue.FromJson(core.WrittenSpan));
        byte[] made = [(byte)',', .. core.WrittenSpan[1..^1], .. System.Text.Encoding.ASCII.GetBytes($",\"decision_digest\":\"{digest}\"")];
        if (_remembered.Count == MostRemembered)
        {
            _remembered.Clear();
        }

        _remembered[(verdict.Detail, verdict.Outcome, point)] = made;
        return made;
    }

    private void WriteCore(Utf8JsonWriter writer, DecisionFacts facts, InterventionPoint point)
    {
        VerdictDetail? detail = facts.Detail;
        writer.WriteStartObject();
        writer.WriteString("point", point.WireName());
        writer.WriteString("outcome", facts.Outcome);
        writer.WriteString("effect", facts.Effect);
        writer.WriteBoolean("allowed", facts.IsAllowed);
        writer.WriteString("reason_code", facts.Reason.Code);
        writer.WriteString("reason", detail?.Explanation);
        writer.WriteString("public_message", facts.PublicMessage);
        writer.WriteString("rule", detail?.Rule);
        writer.WriteString("policy", detail?.Policy);
        writer.WriteString("policy_version", detail?.PolicyVersion);
        writer.WriteString("policy_digest", detail is null || detail.PolicyDigest.IsEmpty ? null : detail.PolicyDigest.ToString());
        writer.WriteString("policy_signer", detail?.PolicySigner);
        writer.WriteString("set_digest", _setDigest);
        WritePatches(writer, detail?.Patches ?? []);
        WriteTexts(writer, "obligations", facts.Obligations);
        WriteTexts(writer, "approvers", detail?.Approvers ?? []);
        WriteRateLimit(writer, facts);
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void WriteRateLimit(Utf8JsonWriter writer, DecisionFacts facts)
    {
        if (facts.Reason != ReasonCodes.RateLimitExceeded)
        {
            writer.WriteNull("rate_limit");
            return;
        }

        writer.WriteStartObject("rate_limit");
        if (facts.Rule?.Limit is { } limit)
        {
            writer.WriteNumber("count", limit.Count);
            writer.WriteNumber("window_seconds", limit.Window.TotalSeconds);
            writer.WriteString("key", facts.Rule.LimitScope switch
            {
                RateLimitScope.Tenant => "tenant", RateLimitScope.Session => "session", RateLimitScope.Tool => "tool", _ => "agent",
            });
        }

        if (facts.Detail?.RetryAfter is { } wait)
        {
            writer.WriteNumber("retry_after_seconds", Math.Ceiling(wait.TotalMilliseconds) / 1000);
        }
        else
        {
            writer.WriteNull("retry_after_seconds");
        }

        writer.WriteEndObject();
    }

    private static void WritePatches(Utf8JsonWriter writer, IReadOnlyList<Patch> patches)
    {
        writer.WriteStartArray("patches");
        foreach (Patch patch in patches)
        {
            writer.WriteStartObject();
            writer.WriteString("op", patch.Kind switch { PatchKind.Set => "set", PatchKind.Remove => "remove", _ => "redact" });
            writer.WriteString("path", patch.Path.Text);
            if (patch.Kind == PatchKind.Set)
            {
                writer.WritePropertyName("value");
                writer.WriteRawValue(CanonicalJson.ToString(patch.Value));
            }
            else if (patch.Kind == PatchKind.Redact)
            {
                writer.WriteString("pattern", patch.Pattern?.ToString());
                writer.WriteString("replacement", patch.Replacement);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
