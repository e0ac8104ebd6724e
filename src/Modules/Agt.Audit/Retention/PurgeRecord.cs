using System.Globalization;
using System.Text.Json;
using Agt.Audit.Records;
using Agt.Audit.Stores;

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

    /// <summary>Whether a record of the log says that what lies before a place was purged.</summary>
    internal static bool Covers(IAuditStore store, long first)
    {
        long index = store.First;
        foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(index, store.Size - index))
        {
            if (leaf.Span.IndexOf("\"log.purged\""u8) >= 0 && RecordHead.Read(leaf.Span) is { Kind: "config", EventType: Type } && FirstKept(leaf.Span) is { } kept && kept >= first && kept <= index)
            {
                return true;
            }

            index++;
        }

        return false;
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
