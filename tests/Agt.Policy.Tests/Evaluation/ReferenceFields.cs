using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>What a path reads, as docs/policy-semantics.md says.</summary>
internal sealed class ReferenceFields(PolicyCase action)
{
    private static readonly string[] Fixed = ["tool_name", "tool", "agent_id", "agent", "user", "tenant", "operation", "point", "action", "framework"];

    internal static bool IsFixed(ConditionPath path)
    {
        string[] names = [path.Root, .. path.Segments.Select(s => s.Name ?? "[]")];
        return names switch
        {
            ["tool", ..] or ["agent", ..] or ["action", ..] => true,
            ["session", var member] => member is not ("id" or "tool_calls" or "model_calls" or "tokens" or "labels"),
            ["session", ..] => true,
            ["trust_score" or "verified", _, ..] => names.Length > 1,
            _ => Fixed.Contains(path.Root),
        };
    }

    internal GovernedValue Read(ConditionPath path)
    {
        ActionTemplate template = action.Template;
        string whole = path.ToString();
        switch (path.Root)
        {
            case "tool_name" or "tool":
                return Text(whole switch
                {
                    "tool_name" or "tool" or "tool.name" => template.Tool?.Name,
                    "tool.source" => template.Tool?.Source,
                    "tool.hash" => template.Tool is { ContentHash.IsEmpty: false } tool ? tool.ContentHash.ToString() : null,
                    _ => null,
                });
            case "agent_id" or "agent":
                return Text(whole is "agent_id" or "agent" or "agent.id" ? template.Principal.Agent.Value : null);
            case "user":
                return Text(whole is "user" ? template.Principal.User : null);
            case "tenant":
                return Text(whole is "tenant" ? template.Principal.Tenant : null);
            case "operation":
                return Text(whole is "operation" ? template.Operation : null);
            case "point":
                return Text(whole is "point" ? action.Point.WireName() : null);
            case "framework":
                return Text(whole is "framework" ? template.Framework : null);
            case "action":
                return Text(whole is not ("action" or "action.type") ? null : action.Point switch
                {
                    InterventionPoint.PreToolCall or InterventionPoint.PostToolCall => "tool_call",
                    InterventionPoint.PreModelCall or InterventionPoint.PostModelCall => "model_call",
                    var other => other.WireName(),
                });
            case "trust_score":
                return whole == "trust_score" && action.TrustScore is { } score ? GovernedValue.From(score) : default;
            case "verified":
                return whole == "verified" ? GovernedValue.From(action.IsVerified) : default;
            case "session":
                return Session(whole);
            case "facets":
                return Below(action.Facets, path.Segments, 0);
            case "args":
                return Below(action.Payload, path.Segments, 0);
            case "input" or "message" when action.Point == InterventionPoint.Input:
                return Below(action.Payload, path.Segments, 0);
            case "output":
                return Below(action.Output, path.Segments, 0);
            default:
                return Free(path);
        }
    }

    private static GovernedValue Text(string? text) => text is null ? default : GovernedValue.From(text);

    private GovernedValue Session(string whole)
    {
        if (action.Session is not { } session)
        {
            return default;
        }

        return whole switch
        {
            "session.id" => Text(session.Id),
            "session.tool_calls" => GovernedValue.From(session.ToolCalls),
            "session.model_calls" => GovernedValue.From(session.ModelCalls),
            "session.tokens" => GovernedValue.From(session.Tokens),
            "session.labels" => GovernedValue.FromJson("[" + string.Join(',', session.Labels.Order(StringComparer.Ordinal).Select(l => $"\"{l}\"")) + "]"),
            _ => default,
        };
    }

    private GovernedValue Free(ConditionPath path)
    {
        if (action.Facets.TryGetMember(path.Root, out GovernedValue first) || action.Payload.TryGetMember(path.Root, out first))
        {
            return Below(first, path.Segments, 0);
        }

        if (path.Segments.Length > 0 && path.DottedText is { } name && (action.Facets.TryGetMember(name, out first) || action.Payload.TryGetMember(name, out first)))
        {
            return first;
        }

        return default;
    }

    private static GovernedValue Below(GovernedValue value, PathSegment[] segments, int at)
    {
        if (at == segments.Length)
        {
            return value;
        }

        PathSegment segment = segments[at];
        if (segment.Name is { } name && value.TryGetMember(name, out GovernedValue member))
        {
            return Below(member, segments, at + 1);
        }

        if (value.Kind == ValueKind.List)
        {
            int index = segment.Name is null ? segment.Index : segment.Name.Length > 0 && segment.Name.All(char.IsAsciiDigit) ? int.Parse(segment.Name) : -1;
            return index >= 0 && index < value.Count ? Below(value[index], segments, at + 1) : default;
        }

        bool scalar = value.Kind is ValueKind.Boolean or ValueKind.Integer or ValueKind.Double or ValueKind.Exact or ValueKind.String;
        return scalar && segment.Name == "value" && at == segments.Length - 1 ? value : default;
    }
}
