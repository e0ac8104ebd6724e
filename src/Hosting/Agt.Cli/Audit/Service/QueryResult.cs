using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Queries;

namespace Agt.Cli.Audit.Service;

/// <summary>What was found.</summary>
/// <param name="Entries">The page, latest first.</param>
/// <param name="Total">How many records there are.</param>
/// <param name="IsExact">Whether they were all counted; otherwise there are at least so many.</param>
/// <param name="Limit">The longest page.</param>
/// <param name="Offset">How many were passed over.</param>
internal sealed record QueryResult(IReadOnlyList<AuditEntry> Entries, long Total, bool IsExact, int Limit, int Offset)
{
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("entries");
        foreach (AuditEntry entry in Entries)
        {
            writer.WriteStartObject();
            WriteEntry(writer, entry.Index, entry.Leaf);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("total", Total);
        writer.WriteBoolean("total_is_exact", IsExact);
        writer.WriteNumber("limit", Limit);
        writer.WriteNumber("offset", Offset);
    }

    internal static void WriteEntry(Utf8JsonWriter writer, long index, ReadOnlyMemory<byte> leaf)
    {
        writer.WriteNumber("index", index);
        writer.WriteString("leaf_hash", MerkleTree.HashLeaf(leaf.Span).ToString());
        writer.WritePropertyName("record");
        RecordView.WriteJson(writer, leaf);
    }
}
