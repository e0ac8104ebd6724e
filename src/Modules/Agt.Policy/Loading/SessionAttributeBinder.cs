namespace Agt.Policy.Loading;

/// <summary>Reads <c>session_attributes</c> of a document (POL-006, POL-240).</summary>
internal static class SessionAttributeBinder
{
    private const int MaxAttributes = 64;
    private static readonly string[] Fields = ["name", "ordering", "monotonic", "initial"];

    internal static SessionAttributeDefinition[] Bind(MapReader map, DiagnosticBag bag)
    {
        if (map.Find("session_attributes") is not { } node)
        {
            return [];
        }

        if (node.Items is null || node.Items.Count > MaxAttributes)
        {
            bag.Error(
                "AGTP031", node.Position, "/session_attributes", node.Items is null ? $"session_attributes is {node.KindName}, not a list." : $"session_attributes has more than {MaxAttributes} items.",
                "Write a list of maps, each with name and ordering.");
            return [];
        }

        var found = new List<SessionAttributeDefinition>();
        for (int i = 0; i < node.Items.Count; i++)
        {
            if (One(node.Items[i], $"/session_attributes/{i}", bag) is not { } attribute)
            {
                continue;
            }

            if (found.Exists(other => other.Name == attribute.Name))
            {
                bag.Error("AGTP055", node.Items[i].Position, $"/session_attributes/{i}", $"session.{attribute.Name} is declared twice.", "Keep one of them.");
                continue;
            }

            found.Add(attribute);
        }

        return [.. found];
    }

    private static SessionAttributeDefinition? One(DocumentNode node, string pointer, DiagnosticBag bag)
    {
        if (node.Members is null)
        {
            bag.Error("AGTP031", node.Position, pointer, $"A session attribute is {node.KindName}, not a map.", "Write name and ordering.");
            return null;
        }

        var map = new MapReader(node, pointer, bag);
        map.RefuseUnknown(Fields, "A session attribute");
        string? name = map.Text("name", required: true);
        string[]? ordering = map.Texts("ordering");
        bool? monotonic = map.Boolean("monotonic");
        string? initial = map.Text("initial");
        if (map.Find("ordering") is null)
        {
            map.Missing("ordering");
        }

        if (name is null || ordering is null)
        {
            return null;
        }

        try
        {
            return new SessionAttributeDefinition(name, ordering, monotonic ?? false, initial);
        }
        catch (ArgumentException exception)
        {
            string field = exception.ParamName ?? "name";
            string message = exception.Message.Split(" (Parameter", 2)[0];
            bag.Error("AGTP056", (map.Find(field) ?? node).Position, pointer + "/" + field, message, "Write, for example, name: sensitivity and ordering: [public, internal, secret], from low to high.");
            return null;
        }
    }
}
