using Agt.Values;

namespace Agt.Policy.Syntax;

/// <summary>One node of a condition. <c>At</c> is the offset in the condition's text (-1 for the structured form).</summary>
internal abstract record ConditionNode(int At);

/// <summary>A literal: null, boolean, number or text.</summary>
internal sealed record LiteralNode(int At, GovernedValue Value) : ConditionNode(At);

/// <summary>A path into the action, its session or its facets.</summary>
internal sealed record PathNode(int At, ConditionPath Path) : ConditionNode(At);

/// <summary><c>has</c>, <c>len</c>, <c>lower</c> or <c>upper</c>.</summary>
internal sealed record CallNode(int At, ConditionFunction Function, ConditionNode Argument) : ConditionNode(At);

internal sealed record NotNode(int At, ConditionNode Operand) : ConditionNode(At);

internal sealed record AndNode(int At, ConditionNode[] Operands) : ConditionNode(At);

internal sealed record OrNode(int At, ConditionNode[] Operands) : ConditionNode(At);

/// <summary><c>==</c>, <c>!=</c> and the relations.</summary>
internal sealed record ComparisonNode(int At, ComparisonOperator Operator, ConditionNode Left, ConditionNode Right) : ConditionNode(At);

/// <summary><c>in</c> a list of literals.</summary>
internal sealed record MembershipNode(int At, ConditionNode Operand, GovernedValue[] Items, bool Negated) : ConditionNode(At);

/// <summary><c>in</c> a list that a path leads to.</summary>
internal sealed record PathMembershipNode(int At, ConditionNode Operand, PathNode List, bool Negated) : ConditionNode(At);

/// <summary><c>contains</c>, <c>startswith</c>, <c>endswith</c>.</summary>
internal sealed record TextTestNode(int At, TextOperator Operator, ConditionNode Left, ConditionNode Right) : ConditionNode(At);

/// <summary><c>matches</c> (a search for a regular expression) or <c>like</c> (a glob over the whole text).</summary>
internal sealed record PatternNode(int At, ConditionNode Operand, TextPattern Pattern) : ConditionNode(At)
{
    internal string Source => Pattern.Source;

    internal bool IsGlob => Pattern.IsGlob;
}

/// <summary><c>is null</c>; absent counts as null.</summary>
internal sealed record NullTestNode(int At, ConditionNode Operand, bool Negated) : ConditionNode(At);

/// <summary>A test that is false when its field is absent or null, whatever the operator (the structured form, POL-036).</summary>
internal sealed record PresentNode(ConditionPath Path, ConditionNode Test) : ConditionNode(-1);

internal enum ConditionFunction : byte
{
    Has,
    Len,
    Lower,
    Upper,
}

internal enum ComparisonOperator : byte
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal enum TextOperator : byte
{
    Contains,
    StartsWith,
    EndsWith,
}
