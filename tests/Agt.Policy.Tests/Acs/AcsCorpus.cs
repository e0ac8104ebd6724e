using System.Text;
using System.Text.Json;
using Agt.Policy.Acs;
using Agt.Values;

namespace Agt.Policy.Tests.Acs;

/// <summary>Reads the shared conformance data of the Agent Control Specification, and stands in for policies and annotators as it says.</summary>
internal static class AcsCorpus
{
    internal static string Folder => Corpora.Require("acs-conformance");

    /// <summary>The files of a folder of the corpus, by name; one empty name where the corpus is not there, so that the test can say so.</summary>
    internal static TheoryData<string> Files(string inside, string pattern = "*.json")
    {
        string? folder = Corpora.Folder("acs-conformance");
        return folder is null || !Directory.Exists(Path.Combine(folder, inside))
            ? [string.Empty]
            : [.. Directory.EnumerateFiles(Path.Combine(folder, inside), pattern, SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
    }

    /// <summary>The ids of the units of a file that holds several.</summary>
    internal static TheoryData<string> Ids(string file, string list, string id)
    {
        string? folder = Corpora.Folder("acs-conformance");
        if (folder is null || !File.Exists(Path.Combine(folder, file)))
        {
            return [string.Empty];
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file)));
        return [.. document.RootElement.GetProperty(list).EnumerateArray().Select(unit => unit.GetProperty(id).GetString()!)];
    }

    internal static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file))).RootElement.Clone();

    internal static JsonElement Unit(string file, string list, string id, string value) =>
        Json(file).GetProperty(list).EnumerateArray().Single(unit => unit.GetProperty(id).GetString() == value);

    /// <summary>A JSON value; <c>{"$repeat": [text, n]}</c> in it is the text n times.</summary>
    internal static GovernedValue Value(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Expand(writer, element);
        }

        return GovernedValue.FromJson(stream.ToArray(), AcsValues.Wide);
    }

    internal static GovernedValue Value(string json) => GovernedValue.FromJson(json, AcsValues.Wide);

    internal static void AssertSame(GovernedValue expected, GovernedValue actual, string what) =>
        Assert.True(ValueComparer.Exact.Equals(expected, actual), $"{what}: expected {Shown(expected)}, was {Shown(actual)}");

    internal static string? Text(this JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    internal static AcsLimits Limits(JsonElement unit)
    {
        AcsLimits limits = AcsLimits.Default;
        if (!unit.TryGetProperty("limits", out JsonElement own))
        {
            return limits;
        }

        foreach (JsonProperty limit in own.EnumerateObject())
        {
            int value = limit.Value.GetInt32();
            limits = limit.Name switch
            {
                "max_snapshot_bytes" => limits with { MaxSnapshotBytes = value },
                "max_policy_input_depth" => limits with { MaxDepth = value },
                "max_annotators_per_point" => limits with { MaxAnnotatorsPerPoint = value },
                "max_annotator_output_bytes" => limits with { MaxAnnotatorOutputBytes = value },
                "max_policy_output_bytes" => limits with { MaxPolicyOutputBytes = value },
                "max_extends_depth" => limits with { MaxExtendsDepth = value },
                "max_merged_manifest_bytes" => limits with { MaxManifestBytes = value },
                _ => throw new InvalidOperationException("unknown limit " + limit.Name),
            };
        }

        return limits;
    }

    private static string Shown(GovernedValue value) => value.IsAbsent ? "nothing" : AcsCanonicalJson.ToString(value);

    private static void Expand(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.TryGetProperty("$repeat", out JsonElement repeat):
                writer.WriteStringValue(new StringBuilder().Insert(0, repeat[0].GetString()!, repeat[1].GetInt32()).ToString());
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Expand(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Expand(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
