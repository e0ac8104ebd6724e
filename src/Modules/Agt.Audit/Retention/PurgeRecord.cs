using System.Globalization;
using System.Text.Json;

namespace Agt.Audit.Retention;

/// <summary>The record that says that a log was purged, written before it is: without it, records that are missing are missing.</summary>
internal static class PurgeRecord
{
    internal const string Type = "log.purged";

    internal static AuditEvent Create(PurgePlan plan, string actor)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["agt.actor"] = actor, ["agt.first"] = plan.First.ToString(CultureInfo.InvariantCulture), ["agt.purged"] = plan.Count.ToString(CultureInfo.InvariantCulture),
        };
        if (plan.Archive is { } archive)
        {
            attributes["agt.archive_manifest"] = archive;
        }

        return new AuditEvent("config", Type, "purge") { Reason = "retention", Attributes = attributes };
    }

    /// <summary>The first record that was kept, as a record of a purge says; null if it does not say so.</summary>
    internal static long? FirstKept(ReadOnlySpan<byte> leaf)
    {
        try
        {
            using var document = JsonDocument.Parse(leaf.ToArray());
            return document.RootElement.TryGetProperty("attributes", out JsonElement attributes) && attributes.TryGetProperty("agt.first", out JsonElement first) &&
                long.TryParse(first.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out long kept) ? kept : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
