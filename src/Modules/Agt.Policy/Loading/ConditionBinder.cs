using System.Globalization;
using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Reads a rule's condition: text, or maps of field, operator and value.</summary>
internal sealed class ConditionBinder(DiagnosticBag bag, PatternCache patterns, ConditionLimits limits, bool skipNonLinear = false)
{
    private static readonly string[] Operators =
        ["eq", "ne", "gt", "lt", "gte", "lte", "in", "not_in", "contains", "matches", "starts_with", "ends_with", "glob", "exists"];

    private readonly ConditionLint _lint = new();
    private int _nodes;

    /// <summary>What may be read as <c>session.NAME</c>.</summary>
    internal IReadOnlyDictionary<string, SessionAttributeDefinition> Attributes { get; set; } = System.Collections.Frozen.FrozenDictionary<string, SessionAttributeDefinition>.Empty;

    /// <summary>Whether the condition read last was left out for a pattern that cannot be matched in linear time.</summary>
    internal bool WasSkipped { get; private set; }

    /// <summary>Reads <c>condition</c> or <c>conditions</c> of a rule; null if it was refused.</summary>
    internal ConditionNode? Bind(MapReader rule, InterventionPoint[] points)
    {
        _nodes = 0;
        WasSkipped = false;
        DocumentNode? one = rule.Find("condition");
        DocumentNode? many = rule.Find("conditions");
        if (one is null == many is null)
        {
            if (one is null)
            {
                bag.Error("AGTP034", rule.Position, rule.Pointer, "The rule has no condition.", "Add condition; write condition: \"true\" for a rule that always applies.");
            }
            else
            {
                bag.Error("AGTP035", many!.Position, rule.PointerTo("conditions"), "The rule has condition and conditions.", "Keep one; conditions is a list that must all hold.");
            }

            return null;
        }

        if (one is not null)
        {
            return Checked(one, rule.Pointer, -1, points);
        }

        if (many!.Items is not { Count: > 0 } items)
        {
            bag.Error("AGTP031", many.Position, rule.PointerTo("conditions"), "conditions is not a list of conditions.", "Write a list with at least one condition.");
            return null;
        }

        var parts = new ConditionNode?[items.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Checked(items[i], rule.Pointer, i, points);
        }

        return Array.TrueForAll(parts, part => part is not null) ? parts.Length == 1 ? parts[0] : new AndNode(-1, parts!) : null;
    }

    private ConditionNode? Checked(DocumentNode node, string parent, int item, InterventionPoint[] points)
    {
        try
        {
            ConditionNode condition = node.Members is not null
                ? Structured(node, Pointer(parent, item), 1)
                : node.Text is { } text
                    ? ConditionParser.Parse(text, limits, patterns, ref _nodes)
                    : node.Scalar.TryGetBoolean(out bool always)
                        ? new LiteralNode(0, GovernedValue.From(always))
                        : throw new ConditionException("AGTP031", -1, $"A condition is {node.KindName}, not text or a map.", "Write text such as tool_name == 'send_email'.");
            ConditionChecker.Check(condition, Attributes);
            foreach (ConditionLint.Finding finding in _lint.Find(condition, points))
            {
                bag.Warn(finding.Code, bag.Place(node, finding.Offset), Pointer(parent, item), finding.Message, finding.Fix);
            }

            return condition;
        }
        catch (StructuredException exception) when (skipNonLinear && IsNonLinear(exception.Inner))
        {
            Skip(exception.Position, exception.JsonPointer, exception.Inner);
        }
        catch (ConditionException exception) when (skipNonLinear && IsNonLinear(exception))
        {
            Skip(bag.Place(node, exception.Offset), Pointer(parent, item), exception);
        }
        catch (StructuredException exception)
        {
            bag.Error(exception.Inner.Code, exception.Position, exception.JsonPointer, exception.Inner.Message, exception.Inner.Fix);
        }
        catch (ConditionException exception)
        {
            bag.Error(exception.Code, bag.Place(node, exception.Offset), Pointer(parent, item), exception.Message, exception.Fix);
        }

        return null;
    }

    private static bool IsNonLinear(ConditionException exception) => exception.Code is "AGTP121" or "AGTP124";

    private void Skip(SourcePosition position, string pointer, ConditionException exception)
    {
        WasSkipped = true;
        bag.Warn("AGTP048", position, pointer, "The rule is turned off: " + exception.Message, exception.Fix);
    }

    private static string Pointer(string rule, int item) => item < 0 ? rule + "/condition" : string.Create(CultureInfo.InvariantCulture, $"{rule}/conditions/{item}");

    private ConditionNode Structured(DocumentNode node, string pointer, int depth)
    {
        if (node.Members is null)
        {
            throw At(node, pointer, "AGTP031", $"A condition in a group is {node.KindName}, not a map.", "Write field, operator and value, or all, any, not.");
        }

        if (depth > limits.MaxDepth)
        {
            throw At(node, pointer, "AGTP111", $"A condition is nested deeper than {limits.MaxDepth} levels.", "Split the rule.");
        }

        if (++_nodes > limits.MaxNodes)
        {
            throw At(node, pointer, "AGTP112", $"A condition has more than {limits.MaxNodes} parts.", "Split the rule.");
        }

        if (node.Members is [{ Name: "all" or "any" or "not" } group])
        {
            return Group(group, pointer, depth);
        }

        DocumentNode? field = null;
        DocumentNode? op = null;
        DocumentNode? value = null;
        foreach (DocumentMember member in node.Members)
        {
            switch (member.Name)
            {
                case "field":
                    field = member.Value;
                    break;
                case "operator":
                    op = member.Value;
                    break;
                case "value":
                    value = member.Value;
                    break;
                case "description" or "metadata" or "disclaimer":
                case var note when note.StartsWith("x-", StringComparison.Ordinal):
                    break;
                default:
                    string? nearest = Suggestion.Nearest(member.Name, ["field", "operator", "value", "all", "any", "not"]);
                    throw At(
                        member.Value, pointer + "/" + member.Name, "AGTP030", $"A condition has no field {YamlDocumentReader.Shown(member.Name)}.",
                        nearest is null ? "It has field, operator and value, or one of all, any, not." : $"Did you mean '{nearest}'?");
            }
        }

        if (field?.Text is not { Length: > 0 } path || op?.Text is not { } name || value is null)
        {
            string missing = field?.Text is not { Length: > 0 } ? "field" : op?.Text is null ? "operator" : "value";
            throw At(node, pointer, "AGTP034", $"{missing} is missing in a condition.", $"Add {missing}.");
        }

        return Test(path, name, value, field, op, pointer);
    }

    private ConditionNode Group(DocumentMember group, string pointer, int depth)
    {
        pointer += "/" + group.Name;
        if (group.Name == "not")
        {
            return new NotNode(-1, Structured(group.Value, pointer, depth + 1));
        }

        if (group.Value.Items is not { } items)
        {
            throw At(group.Value, pointer, "AGTP031", $"{group.Name} is {group.Value.KindName}, not a list.", "Write a list of conditions.");
        }

        if (items.Count > limits.MaxListItems)
        {
            throw At(group.Value, pointer, "AGTP113", $"A list has more than {limits.MaxListItems} items.", "Split the rule.");
        }

        var parts = new ConditionNode[items.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Structured(items[i], $"{pointer}/{i}", depth + 1);
        }

        return group.Name == "all" ? new AndNode(-1, parts) : new OrNode(-1, parts);
    }

    private ConditionNode Test(string text, string name, DocumentNode value, DocumentNode field, DocumentNode op, string pointer)
    {
        PathNode path = ParsePath(text, field, pointer + "/field");
        var subject = path;
        GovernedValue literal = value.Scalar;
        string at = pointer + "/value";
        try
        {
            ConditionNode test = name switch
            {
                "eq" when literal.Kind == ValueKind.Null => throw At(
                    value, at, "AGTP046", "eq with null never holds: what is absent or null fails every test.", "Write operator: exists and value: false."),
                "eq" => new ComparisonNode(-1, ComparisonOperator.Equal, subject, Scalar()),
                "ne" => new ComparisonNode(-1, ComparisonOperator.NotEqual, subject, Scalar()),
                "gt" => new ComparisonNode(-1, ComparisonOperator.Greater, subject, Scalar()),
                "lt" => new ComparisonNode(-1, ComparisonOperator.Less, subject, Scalar()),
                "gte" => new ComparisonNode(-1, ComparisonOperator.GreaterOrEqual, subject, Scalar()),
                "lte" => new ComparisonNode(-1, ComparisonOperator.LessOrEqual, subject, Scalar()),
                "in" => new MembershipNode(-1, subject, List(), false),
                "not_in" => new MembershipNode(-1, subject, List(), true),
                "contains" => new TextTestNode(-1, TextOperator.Contains, subject, Scalar()),
                "starts_with" => new TextTestNode(-1, TextOperator.StartsWith, subject, Scalar()),
                "ends_with" => new TextTestNode(-1, TextOperator.EndsWith, subject, Scalar()),
                "matches" => patterns.Node(-1, -1, subject, Text(), false, limits),
                "glob" => patterns.Node(-1, -1, subject, Text(), true, limits),
                "exists" => literal.TryGetBoolean(out bool there)
                    ? new NullTestNode(-1, subject, Negated: there)
                    : throw At(value, at, "AGTP031", "The value of exists is not true or false.", "Write true or false."),
                _ => throw Unknown(),
            };
            return name == "exists" ? test : new PresentNode(path.Path, test);
        }
        catch (ConditionException exception)
        {
            throw At(value, at, exception.Code, exception.Message, exception.Fix);
        }

        LiteralNode Scalar() => literal.IsAbsent
            ? throw At(value, at, "AGTP031", $"The value is {value.KindName}, not a single value.", "Write text, a number, true or false.")
            : new LiteralNode(-1, literal);

        string Text() => value.Text ?? throw At(value, at, "AGTP031", $"The value of {name} is {value.KindName}, not text.", "Write the pattern in quotes.");

        GovernedValue[] List()
        {
            if (value.Items is not { } items || items.Exists(item => item.Scalar.IsAbsent))
            {
                throw At(value, at, "AGTP031", $"The value of {name} is not a list of single values.", "Write a list such as [a, b].");
            }

            return items.Count <= limits.MaxListItems
                ? [.. items.Select(item => item.Scalar)]
                : throw At(value, at, "AGTP113", $"A list has more than {limits.MaxListItems} items.", "Split the list over several rules.");
        }

        StructuredException Unknown()
        {
            string? nearest = Suggestion.Nearest(name, Operators);
            return At(op, pointer + "/operator", "AGTP036", $"There is no operator {YamlDocumentReader.Shown(name)}.", nearest is null ? "Operators: " + string.Join(", ", Operators) + "." : $"Did you mean '{nearest}'?");
        }
    }

    private PathNode ParsePath(string text, DocumentNode field, string pointer)
    {
        try
        {
            int nodes = 0;
            return ConditionParser.Parse(text, limits, patterns, ref nodes) as PathNode
                ?? throw At(field, pointer, "AGTP037", $"The field {YamlDocumentReader.Shown(text)} is not a path.", "Write names joined by points, such as args.amount.");
        }
        catch (ConditionException exception)
        {
            throw new StructuredException(bag.Place(field, exception.Offset), pointer, exception);
        }
    }

    private static StructuredException At(DocumentNode node, string pointer, string code, string message, string fix) =>
        new(node.Position, pointer, new ConditionException(code, -1, message, fix));

    private sealed class StructuredException(SourcePosition position, string jsonPointer, ConditionException inner) : Exception
    {
        internal SourcePosition Position => position;

        internal string JsonPointer => jsonPointer;

        internal ConditionException Inner => inner;
    }
}
