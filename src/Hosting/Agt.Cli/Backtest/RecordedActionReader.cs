using System.Collections.Frozen;
using System.Text.Json;
using Agt.Audit.Records;
using Agt.Audit.Sealing;
using Agt.Policy;
using Agt.Values;

namespace Agt.Cli.Backtest;

/// <summary>Reads decision records back into actions. Remembers templates, so that each kind is compiled once. Not thread-safe.</summary>
/// <param name="sealedLog">Opens what was sealed; null if nothing can be opened.</param>
/// <param name="directory">Where the log lies, and beside it arguments that were too long for it.</param>
internal sealed class RecordedActionReader(SealedLog? sealedLog, string directory)
{
    private const int MostTemplates = 65_536;
    private static readonly FrozenDictionary<string, InterventionPoint> Points =
        Enum.GetValues<InterventionPoint>().Where(point => point.BeginsAction()).ToFrozenDictionary(point => point.WireName(), StringComparer.Ordinal);

    private readonly Dictionary<(string Point, string Operation, string Agent, string? User, string? Tenant, string Action, string? Source, string? Effects, string Framework), ActionTemplate> _templates = [];

    /// <summary>Reads a record.</summary>
    /// <param name="leaf">The record.</param>
    /// <param name="index">Its place.</param>
    /// <param name="action">The action; null if it cannot be decided on again.</param>
    internal NotReplayed TryRead(ReadOnlyMemory<byte> leaf, long index, out RecordedAction? action)
    {
        action = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            JsonElement record = document.RootElement;
            if (Text(record, "kind") != "decision" || !record.TryGetProperty("attributes", out JsonElement attributes))
            {
                return NotReplayed.NoDecision;
            }

            bool hasArguments = record.TryGetProperty("context", out JsonElement context) && context.TryGetProperty("arguments", out _);
            string? beside = hasArguments ? null : ContextBlob.Read(directory, index, leaf);
            if (!hasArguments && beside is null && record.TryGetProperty("arguments_hash", out _))
            {
                return NotReplayed.NoArguments;
            }

            string raw = hasArguments ? context.GetProperty("arguments").GetRawText() : beside ?? string.Empty;
            hasArguments |= beside is not null;
            if (raw.Contains("\"_redacted\":\"secret\"", StringComparison.Ordinal))
            {
                // What was decided on is not what stands here.
                return NotReplayed.NoArguments;
            }

            if (raw.Contains("{\"_sd\":", StringComparison.Ordinal))
            {
                if (sealedLog is null || beside is not null || sealedLog.ReadArguments(index, leaf, out string? opened) != FieldStatus.Disclosed)
                {
                    return NotReplayed.NoArguments;
                }

                raw = opened!;
            }

            if (raw.Contains("\\u0000", StringComparison.Ordinal))
            {
                return NotReplayed.Unreadable;
            }

            string agent = Text(record, "agent_did") ?? Text(record, "agent_id") ?? throw new FormatException();
            string what = Text(record, "action") ?? throw new FormatException();
            ActionTemplate template = Template(record, attributes, agent, what);
            var input = new ActionInput
            {
                Template = template,
                Point = template.Point,
                Payload = hasArguments ? GovernedValue.FromJson(raw) : default,
                Session = new PolicySessionFacts { Id = Text(record, "session_id"), Labels = Labels(attributes) },
                Timestamp = record.GetProperty("occurred_at").GetDateTimeOffset(),
            };
            action = new RecordedAction(
                input, agent, what, Text(record, "decision") is "allow" or "warn", Text(record, "approver_did"), Text(record, "matched_rule"), Text(record, "reason_code") ?? string.Empty);
            return NotReplayed.None;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException or PayloadException or InvalidDataException)
        {
            return NotReplayed.Unreadable;
        }
    }

    private ActionTemplate Template(JsonElement record, JsonElement attributes, string agent, string what)
    {
        string point = Text(attributes, "agt.point") ?? throw new FormatException();
        var key = (point, Text(attributes, "agt.operation") ?? what, agent, Text(attributes, "agt.user"), Text(attributes, "agt.tenant"), what, Text(record, "resource"), Text(attributes, "agt.effects"), Text(attributes, "agt.framework") ?? "unknown");
        if (_templates.TryGetValue(key, out ActionTemplate? template))
        {
            return template;
        }

        if (_templates.Count == MostTemplates)
        {
            _templates.Clear();
        }

        InterventionPoint at = Points[point];
        ToolIdentity? tool = at == InterventionPoint.PreToolCall
            ? new ToolIdentity(what, key.Item7, effects: Enum.TryParse(key.Item8, ignoreCase: true, out ToolEffects effects) ? effects : ToolEffects.None)
            : null;
        return _templates[key] = new ActionTemplate(at, key.Item2, new Principal(AgentId.Parse(agent), key.Item4, key.Item5), tool, key.Item9);
    }

    private static FrozenSet<string> Labels(JsonElement attributes) => attributes.TryGetProperty("agt.labels", out JsonElement labels)
        ? labels.EnumerateArray().Select(label => label.GetString()!).ToFrozenSet(StringComparer.Ordinal)
        : FrozenSet<string>.Empty;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
