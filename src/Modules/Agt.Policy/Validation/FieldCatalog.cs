using Agt.Policy.Syntax;

namespace Agt.Policy.Validation;

/// <summary>Understands the root of a path. Names of the host's own facts can never be taken over by an argument of the same name.</summary>
internal static class FieldCatalog
{
    private static readonly string[] Roots =
    [
        "tool_name", "tool", "agent_id", "agent", "user", "tenant", "point", "operation", "framework", "action", "session", "trust_score", "verified", "args", "output", "facets",
    ];

    /// <summary>Whether a name is that of a fact of the host, or nearly.</summary>
    internal static bool IsRoot(string name) => NearlyRoot(name) is not null;

    /// <summary>Finds the field.</summary>
    /// <exception cref="ConditionException">The root is a fact of the host that has no such member, or is spelled nearly like one.</exception>
    internal static FieldReference Resolve(PathNode node)
    {
        ConditionPath path = node.Path;
        PathSegment[] segments = path.Segments;
        string? member = segments.Length > 0 ? segments[0].Name : null;
        Field? field = path.Root switch
        {
            "tool_name" => Scalar(Field.ToolName),
            "tool" when segments.Length == 0 => Field.ToolName,
            "tool" => Member(("name", Field.ToolName), ("source", Field.ToolSource), ("hash", Field.ToolHash)),
            "agent_id" => Scalar(Field.AgentId),
            "agent" when segments.Length == 0 => Field.AgentId,
            "agent" when segments.Length == 1 && member is not null && FieldNames.Agent.Contains(member) => Field.Facets,
            "agent" => Member(("id", Field.AgentId)),
            "user" => Scalar(Field.User),
            "tenant" => Scalar(Field.Tenant),
            "point" => Scalar(Field.Point),
            "operation" => Scalar(Field.Operation),
            "framework" => Scalar(Field.Framework),
            "action" when segments.Length == 0 => Field.ActionType,
            "action" => Member(("type", Field.ActionType)),
            "session" when segments.Length == 1 && path.Attribute is not null => Field.SessionAttributeDefinition,
            "session" => Member(
                ("id", Field.SessionId), ("tool_calls", Field.SessionToolCalls), ("model_calls", Field.SessionModelCalls), ("tokens", Field.SessionTokens), ("labels", Field.SessionLabels)),
            "trust_score" => Scalar(Field.TrustScore),
            "verified" => Scalar(Field.Verified),
            _ => null,
        };
        if (field is { } known)
        {
            return new FieldReference(known, path, []);
        }

        return path.Root switch
        {
            "args" => new FieldReference(Field.Arguments, path, segments),
            "output" => new FieldReference(Field.Output, path, segments),
            "facets" => new FieldReference(Field.Facets, path, segments),
            _ => NearlyRoot(path.Root) is { } root
                ? throw new ConditionException("AGTP131", node.At, $"{path.Root} is not a fact of the action.", $"Did you mean '{root}'? An argument of that name is args.{path}.")
                : new FieldReference(Field.Free, path, segments),
        };

        Field? Scalar(Field scalar) => segments.Length == 0
            ? scalar
            : throw new ConditionException("AGTP131", node.At, $"{path.Root} has no members.", $"Write {path.Root}. An argument of that name is args.{path.Root}.");

        Field? Member(params ReadOnlySpan<(string Name, Field Field)> members)
        {
            foreach ((string name, Field of) in members)
            {
                if (segments.Length == 1 && member == name)
                {
                    return of;
                }
            }

            var names = new List<string>();
            foreach ((string name, _) in members)
            {
                names.Add(path.Root + "." + name);
            }

            throw new ConditionException(
                "AGTP131", node.At, $"{path} is not known.", $"Known: {string.Join(", ", names)}{(path.Root == "session" ? ", and what this document declares under session_attributes" : string.Empty)}. An argument of that name is args.{path}.");
        }
    }

    /// <summary>
    /// The fact that a name differs from in case and underscores only. Such a name would be looked up among the arguments: the model would answer in place of the host.
    /// </summary>
    private static string? NearlyRoot(string name)
    {
        string plain = name.Replace("_", string.Empty, StringComparison.Ordinal);
        return Array.Find(Roots, root => string.Equals(root.Replace("_", string.Empty, StringComparison.Ordinal), plain, StringComparison.OrdinalIgnoreCase));
    }
}
