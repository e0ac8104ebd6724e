namespace Agt.Policy.Syntax;

/// <summary>Names that Agent OS gives to texts which go in and come out.</summary>
internal static class FieldNames
{
    /// <summary>What a person wrote.</summary>
    internal static IReadOnlyList<string> Input { get; } = ["user_input"];

    /// <summary>What a tool or a model returned.</summary>
    internal static IReadOnlyList<string> Output { get; } = ["tool_response", "tool_output"];

    /// <summary>Facts of the agent that the host may know beside its id; they are read from the facets, never from arguments.</summary>
    internal static IReadOnlyList<string> Agent { get; } = ["namespace", "role", "roles", "groups", "type", "tier", "version"];
}
