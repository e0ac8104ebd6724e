using System.Text.Json;
using Agt.Audit.Merkle;

namespace Agt.Cli.Audit.Service;

/// <summary>What became of one record that was handed in.</summary>
/// <param name="Status">The status code of HTTP.</param>
/// <param name="Write">Writes the members of the answer.</param>
internal sealed record IngestResult(int Status, Action<Utf8JsonWriter> Write)
{
    internal static IngestResult Accepted(int status, long index, ReadOnlyMemory<byte> leaf) => new(status, writer =>
    {
        using JsonDocument document = JsonDocument.Parse(leaf);
        writer.WriteString("record_id", document.RootElement.GetProperty("record_id").GetString());
        writer.WriteNumber("index", index);
        writer.WriteString("leaf_hash", MerkleTree.HashLeaf(leaf.Span).ToString());
        writer.WriteString("timestamp", document.RootElement.GetProperty("occurred_at").GetString());
    });

    internal static IngestResult Refused(int status, string problem, string? member) => new(status, writer =>
    {
        writer.WriteString("error", problem);
        if (member is not null)
        {
            writer.WriteString("member", member);
        }
    });
}
