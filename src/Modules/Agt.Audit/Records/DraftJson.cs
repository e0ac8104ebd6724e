using System.Text.Json.Serialization;

namespace Agt.Audit.Records;

/// <summary>Reads texts that are known to be texts.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class DraftJson : JsonSerializerContext;
