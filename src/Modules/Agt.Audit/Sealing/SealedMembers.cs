using System.Globalization;
using System.Text.Json;

namespace Agt.Audit.Sealing;

/// <summary>Finds the digests that stand in a record in the place of sealed members.</summary>
internal static class SealedMembers
{
    private const string DigestName = "_sd";

    /// <summary>The digest of a sealed member; null if the value is none.</summary>
    internal static string? DigestOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(DigestName, out JsonElement digest) && digest.ValueKind == JsonValueKind.String && value.EnumerateObject().Count() == 1 ? digest.GetString() : null;

    /// <summary>The places and digests of sealed members, in the order of the record.</summary>
    internal static IEnumerable<(string Pointer, string Digest)> Of(JsonElement record) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty("context", out JsonElement context) && context.ValueKind == JsonValueKind.Object && context.TryGetProperty("arguments", out JsonElement arguments)
            ? Below(arguments, [])
            : [];

    private static IEnumerable<(string Pointer, string Digest)> Below(JsonElement value, List<string> path)
    {
        if (DigestOf(value) is { } digest)
        {
            yield return (MaskedArguments.PointerOf(path), digest);
            yield break;
        }

        IEnumerable<(string Name, JsonElement Value)> members = value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().Select(member => (member.Name, member.Value)),
            JsonValueKind.Array => value.EnumerateArray().Select((item, i) => (i.ToString(CultureInfo.InvariantCulture), item)),
            _ => [],
        };
        foreach ((string name, JsonElement below) in members)
        {
            path.Add(name);
            foreach ((string, string) found in Below(below, path))
            {
                yield return found;
            }

            path.RemoveAt(path.Count - 1);
        }
    }
}
