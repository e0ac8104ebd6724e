using Agt.Policy.Syntax;

namespace Agt.Policy.Loading;

/// <summary>
/// Where a rule of an Agent OS document applies, which names no stage: before tools, and where the texts come by that its condition reads under the names that Agent OS gives them.
/// </summary>
internal static class AgentOsStages
{
    private static readonly InterventionPoint[] Results = [InterventionPoint.PostToolCall, InterventionPoint.PostModelCall, InterventionPoint.Output];

    internal static InterventionPoint[] Of(ConditionNode? condition)
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        Visit(condition, roots);
        var points = new List<InterventionPoint> { InterventionPoint.PreToolCall };
        if (roots.Overlaps(FieldNames.Input))
        {
            points.Add(InterventionPoint.Input);
        }

        if (roots.Contains("output") || roots.Overlaps(FieldNames.Output))
        {
            points.AddRange(Results);
        }

        return [.. points];
    }

    private static void Visit(ConditionNode? node, HashSet<string> roots)
    {
        switch (node)
        {
            case PathNode path:
                roots.Add(path.Path.Root);
                break;
            case CallNode call:
                Visit(call.Argument, roots);
                break;
            case NotNode not:
                Visit(not.Operand, roots);
                break;
            case AndNode and:
                Array.ForEach(and.Operands, part => Visit(part, roots));
                break;
            case OrNode or:
                Array.ForEach(or.Operands, part => Visit(part, roots));
                break;
            case ComparisonNode comparison:
                Visit(comparison.Left, roots);
                Visit(comparison.Right, roots);
                break;
            case TextTestNode test:
                Visit(test.Left, roots);
                Visit(test.Right, roots);
                break;
            case MembershipNode membership:
                Visit(membership.Operand, roots);
                break;
            case PathMembershipNode membership:
                Visit(membership.Operand, roots);
                Visit(membership.List, roots);
                break;
            case PatternNode pattern:
                Visit(pattern.Operand, roots);
                break;
            case NullTestNode isNull:
                Visit(isNull.Operand, roots);
                break;
            case PresentNode present:
                roots.Add(present.Path.Root);
                Visit(present.Test, roots);
                break;
        }
    }
}
