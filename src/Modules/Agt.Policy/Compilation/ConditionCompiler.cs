using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>Binds the conditions of a set at one point each, and makes equal tests of the template one, so that a plan asks each of them once.</summary>
internal sealed class ConditionCompiler
{
    private readonly Dictionary<Test, Test> _static = [];
    private readonly Dictionary<(ConditionPath Path, InterventionPoint Point), FieldPath> _paths = [];
    private readonly Dictionary<string, Glob> _globs = new(StringComparer.Ordinal);

    internal Condition Compile(ConditionNode node, InterventionPoint point) => node switch
    {
        LiteralNode literal => Constant.Of(TruthOf(literal.Value)),
        NotNode not => Condition.Not(Compile(not.Operand, point)),
        AndNode and => and.Operands.Length == 0 ? Constant.True : Condition.All(Array.ConvertAll(and.Operands, part => Compile(part, point))),
        OrNode or => or.Operands.Length == 0 ? Constant.False : Condition.Any(Array.ConvertAll(or.Operands, part => Compile(part, point))),
        PresentNode present => Condition.All(Shared(new Test(TestKind.Has, PathOf(present.Path, point))), Compile(present.Test, point)),
        ComparisonNode { Operator: ComparisonOperator.NotEqual } differ =>
            Condition.Not(Shared(new Test(TestKind.Equal, OperandOf(differ.Left, point), OperandOf(differ.Right, point)))),
        ComparisonNode comparison => Shared(new Test(KindOf(comparison.Operator), OperandOf(comparison.Left, point), OperandOf(comparison.Right, point))),
        MembershipNode membership => Negated(membership.Negated, Shared(new Test(TestKind.InSet, OperandOf(membership.Operand, point), Set: new ValueSet(membership.Items)))),
        PathMembershipNode membership =>
            Negated(membership.Negated, Shared(new Test(TestKind.InList, OperandOf(membership.Operand, point), PathOf(membership.List.Path, point)))),
        TextTestNode test => Shared(new Test(KindOf(test.Operator), OperandOf(test.Left, point), OperandOf(test.Right, point))),
        PatternNode { IsGlob: true } like => Shared(new Test(TestKind.Like, OperandOf(like.Operand, point), Glob: GlobOf(like.Source))),
        PatternNode matches => Shared(new Test(TestKind.Matches, OperandOf(matches.Operand, point), Pattern: matches.Pattern)),
        NullTestNode isNull => Negated(!isNull.Negated, Shared(new Test(TestKind.Has, OperandOf(isNull.Operand, point)))),
        CallNode { Function: ConditionFunction.Has } has => Shared(new Test(TestKind.Has, OperandOf(has.Argument, point))),
        _ => Shared(new Test(TestKind.Holds, OperandOf(node, point))),
    };

    private static Truth TruthOf(GovernedValue value) =>
        value.IsAbsentOrNull ? Truth.False : value.TryGetBoolean(out bool flag) ? flag ? Truth.True : Truth.False : Truth.Error;

    private static Condition Negated(bool negated, Condition condition) => negated ? Condition.Not(condition) : condition;

    private static TestKind KindOf(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => TestKind.Less,
        ComparisonOperator.LessOrEqual => TestKind.LessOrEqual,
        ComparisonOperator.Greater => TestKind.Greater,
        ComparisonOperator.GreaterOrEqual => TestKind.GreaterOrEqual,
        _ => TestKind.Equal,
    };

    private static TestKind KindOf(TextOperator test) => test switch
    {
        TextOperator.StartsWith => TestKind.StartsWith,
        TextOperator.EndsWith => TestKind.EndsWith,
        _ => TestKind.Contains,
    };

    private Operand OperandOf(ConditionNode node, InterventionPoint point) => node switch
    {
        LiteralNode literal => new LiteralOperand(literal.Value),
        PathNode path => PathOf(path.Path, point),
        CallNode { Function: not ConditionFunction.Has } call => new CallOperand(FunctionOf(call.Function), OperandOf(call.Argument, point)),
        _ => new ConditionOperand(Compile(node, point)),
    };

    private static Function FunctionOf(ConditionFunction function) => function switch
    {
        ConditionFunction.Len => Function.Length,
        ConditionFunction.Lower => Function.Lower,
        _ => Function.Upper,
    };

    private PathOperand PathOf(ConditionPath path, InterventionPoint point)
    {
        if (!_paths.TryGetValue((path, point), out FieldPath? bound))
        {
            bound = FieldPath.Bind(path, point);
            _paths.Add((path, point), bound);
        }

        return new PathOperand(bound);
    }

    private Glob GlobOf(string pattern)
    {
        if (!_globs.TryGetValue(pattern, out Glob? glob))
        {
            glob = new Glob(pattern);
            _globs.Add(pattern, glob);
        }

        return glob;
    }

    private Test Shared(Test test)
    {
        if (!test.IsStatic)
        {
            return test;
        }

        if (_static.TryGetValue(test, out Test? known))
        {
            return known;
        }

        _static.Add(test, test);
        return test;
    }
}
