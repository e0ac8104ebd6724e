using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Agt.Cli.Audit.Service;

/// <summary>Writes JSON objects again, without reflection.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class IngestJson : JsonSerializerContext;
