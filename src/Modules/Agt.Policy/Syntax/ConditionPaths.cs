namespace Agt.Policy.Syntax;

/// <summary>The paths that a condition reads.</summary>
internal static class ConditionPaths
{
    /// <summary>All of them, in order, as often as they are read.</summary>
    internal static IEnumerable<ConditionPath> Of(ConditionNode node) => node switch
    {
        PathNode path => [path.Path],
        CallNode call => Of(call.Argument),
        ComparisonNode comparison => Of(comparison.Left).Concat(Of(comparison.Right)),
        TextTestNode test => Of(test.Left).Concat(Of(test.Right)),
        MembershipNode membership => Of(membership.Operand),
        PathMembershipNode membership => Of(membership.Operand).Append(membership.List.Path),
        PatternNode pattern => Of(pattern.Operand),
        NullTestNode isNull => Of(isNull.Operand),
        PresentNode present => Of(present.Test).Append(present.Path),
        NotNode not => Of(not.Operand),
        AndNode and => and.Operands.SelectMany(Of),
        OrNode or => or.Operands.SelectMany(Of),
        _ => [],
    };
}
