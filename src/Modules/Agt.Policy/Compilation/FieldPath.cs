using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>
/// A path of a condition, bound to what it reads at one intervention point. Immutable and thread-safe; equal when it reads the same.
/// </summary>
/// <remarks>
/// The reserved roots come first, so that no argument of a caller can pass for the tool, the agent or the session. Any other first name is looked up among
/// the facets, then in the payload; when neither has it, the whole text of the path is tried as one name (POL-039).
/// </remarks>
internal sealed class FieldPath : IEquatable<FieldPath>
{
    private readonly FieldStep[] _steps;
    private readonly string? _text;
    private readonly SessionAttributeDefinition? _attribute;

    private FieldPath(FieldRoot root, ReadOnlySpan<FieldStep> steps, string? text, SessionAttributeDefinition? attribute = null)
    {
        _attribute = attribute;
        Root = root;
        _steps = steps.ToArray();
        _text = text;
    }

    internal FieldRoot Root { get; }

    /// <summary>Whether the template alone answers it.</summary>
    internal bool IsStatic => Root <= FieldRoot.Framework;

    /// <summary>The facets it may read: a first name, <c>*</c> for all, null for none.</summary>
    internal string? FacetName => Root switch
    {
        FieldRoot.Named => _steps[0].Name,
        FieldRoot.Facets => _steps.Length > 0 ? _steps[0].Name : "*",
        _ => null,
    };

    /// <summary>Binds a path as it was written.</summary>
    /// <param name="path">The path.</param>
    /// <param name="point">Where the rule applies.</param>
    internal static FieldPath Bind(ConditionPath path, InterventionPoint point)
    {
        FieldStep[] parts = [new FieldStep(path.Root, -1), .. path.Segments.Select(FieldStep.Of)];
        ReadOnlySpan<FieldStep> rest = parts.AsSpan(1);
        string? text = path.DottedText;
        string? next = rest.Length == 1 ? rest[0].Name : null;
        FieldRoot root = path.Root switch
        {
            "tool_name" => Scalar(FieldRoot.ToolName, rest),
            "tool" => rest.Length == 0 ? FieldRoot.ToolName : next switch
            {
                "name" => FieldRoot.ToolName,
                "source" => FieldRoot.ToolSource,
                "hash" => FieldRoot.ToolHash,
                _ => FieldRoot.Nothing,
            },
            "agent_id" => Scalar(FieldRoot.Agent, rest),
            "agent" => next == "id" ? FieldRoot.Agent : next is not null && FieldNames.Agent.Contains(next) ? FieldRoot.Facets : Scalar(FieldRoot.Agent, rest),
            "user" => Scalar(FieldRoot.User, rest),
            "tenant" => Scalar(FieldRoot.Tenant, rest),
            "operation" => Scalar(FieldRoot.Operation, rest),
            "point" => Scalar(FieldRoot.Point, rest),
            "action" => next == "type" ? FieldRoot.ActionType : Scalar(FieldRoot.ActionType, rest),
            "framework" => Scalar(FieldRoot.Framework, rest),
            "trust_score" => Scalar(FieldRoot.TrustScore, rest),
            "verified" => Scalar(FieldRoot.Verified, rest),
            "session" when path.Attribute is not null => Scalar(FieldRoot.Attribute, rest[1..]),
            "session" => next switch
            {
                "id" => FieldRoot.SessionId,
                "tool_calls" => FieldRoot.ToolCalls,
                "model_calls" => FieldRoot.ModelCalls,
                "tokens" => FieldRoot.Tokens,
                "labels" => FieldRoot.Labels,
                _ => FieldRoot.Nothing,
            },
            "facets" => FieldRoot.Facets,
            "args" => FieldRoot.Payload,
            "input" or "message" when point == InterventionPoint.Input => FieldRoot.Payload,
            "user_input" when point == InterventionPoint.Input => FieldRoot.Payload,
            "tool_response" or "tool_output" when !point.BeginsAction() => FieldRoot.Output,
            "output" => FieldRoot.Output,
            _ => FieldRoot.Named,
        };
        return root switch
        {
            FieldRoot.Named => new FieldPath(root, parts, text),
            FieldRoot.Facets when path.Root == "agent" => new FieldPath(root, parts, text),
            FieldRoot.Facets or FieldRoot.Payload or FieldRoot.Output => new FieldPath(root, rest, text),
            FieldRoot.Attribute => new FieldPath(root, rest, text, path.Attribute),
            _ => new FieldPath(root, default, text),
        };
    }

    /// <summary>Reads the path; absent if nothing is there.</summary>
    internal GovernedValue Read(ref readonly PolicyInput input) => Root switch
    {
        FieldRoot.Named => ReadNamed(in input),
        FieldRoot.Payload => Walk(input.Payload, _steps),
        FieldRoot.Output => Walk(input.Output, _steps),
        FieldRoot.Facets => Walk(input.Facets, _steps),
        <= FieldRoot.Framework => TemplateFields.Read(Root, input.Template, input.Point),
        FieldRoot.Attribute => SessionFields.Read(_attribute!, in input),
        _ => SessionFields.Read(Root, in input),
    };

    public bool Equals(FieldPath? other) =>
        other is not null && Root == other.Root && _steps.AsSpan().SequenceEqual(other._steps) && (Root != FieldRoot.Named || _text == other._text);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Root);
        foreach (FieldStep step in _steps)
        {
            hash.Add(step);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"{Root}:{string.Join('.', _steps)}";

    private static FieldRoot Scalar(FieldRoot root, ReadOnlySpan<FieldStep> rest) => rest.Length == 0 ? root : FieldRoot.Nothing;

    private GovernedValue ReadNamed(ref readonly PolicyInput input)
    {
        string first = _steps[0].Name!;
        if (input.Facets.TryGetMember(first, out GovernedValue value) || input.Payload.TryGetMember(first, out value))
        {
            return _steps.Length == 1 ? value : Walk(value, _steps.AsSpan(1));
        }

        if (_steps.Length > 1 && _text is not null && (input.Facets.TryGetMember(_text, out value) || input.Payload.TryGetMember(_text, out value)))
        {
            return value;
        }

        return default;
    }

    private static GovernedValue Walk(GovernedValue value, ReadOnlySpan<FieldStep> steps)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            ref readonly FieldStep step = ref steps[i];
            if (step.Name is not null && value.TryGetMember(step.Name, out GovernedValue member))
            {
                value = member;
                continue;
            }

            ValueKind kind = value.Kind;
            if (kind == ValueKind.List && step.Index >= 0)
            {
                value = value[step.Index];
            }
            else
            {
                // A scalar answers to "value" as well (POL-186).
                return i == steps.Length - 1 && step.Name == "value" && kind is >= ValueKind.Boolean and <= ValueKind.String ? value : default;
            }
        }

        return value;
    }
}
