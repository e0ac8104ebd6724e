using Agt.Policy.Syntax;

namespace Agt.Policy.Compilation;

/// <summary>A condition, bound and ready to be evaluated or compiled. Immutable.</summary>
internal abstract record Condition
{
    /// <summary>Whether the template alone answers it.</summary>
    internal abstract bool IsStatic { get; }

    /// <summary>Whether it reads the result of the action.</summary>
    internal abstract bool ReadsOutput { get; }

    internal static Condition Not(Condition condition) => condition is Negation negation ? negation.Inner : new Negation(condition);

    internal static Condition All(params Condition[] parts) => parts.Length == 1 ? parts[0] : new AllOf(parts);

    internal static Condition Any(params Condition[] parts) => parts.Length == 1 ? parts[0] : new AnyOf(parts);
}

/// <summary>True, false, or always an error.</summary>
internal sealed record Constant(Truth Value) : Condition
{
    internal static Constant True { get; } = new(Truth.True);

    internal static Constant False { get; } = new(Truth.False);

    internal static Constant Error { get; } = new(Truth.Error);

    internal override bool IsStatic => true;

    internal override bool ReadsOutput => false;

    internal static Constant Of(Truth value) => value switch
    {
        Truth.True => True,
        Truth.False => False,
        _ => Error,
    };
}

/// <summary>True when all parts are; the first that is not decides.</summary>
internal sealed record AllOf(Condition[] Parts) : Condition
{
    internal override bool IsStatic { get; } = Array.TrueForAll(Parts, part => part.IsStatic);

    internal override bool ReadsOutput { get; } = Array.Exists(Parts, part => part.ReadsOutput);

    public bool Equals(AllOf? other) => other is not null && Parts.AsSpan().SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(17, HashCode.Combine);
}

/// <summary>True when any part is; the first that is not false decides.</summary>
internal sealed record AnyOf(Condition[] Parts) : Condition
{
    internal override bool IsStatic { get; } = Array.TrueForAll(Parts, part => part.IsStatic);

    internal override bool ReadsOutput { get; } = Array.Exists(Parts, part => part.ReadsOutput);

    public bool Equals(AnyOf? other) => other is not null && Parts.AsSpan().SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(19, HashCode.Combine);
}

/// <summary>The opposite; an error stays one.</summary>
internal sealed record Negation(Condition Inner) : Condition
{
    internal override bool IsStatic => Inner.IsStatic;

    internal override bool ReadsOutput => Inner.ReadsOutput;
}

/// <summary>One elementary test.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Left">What is tested.</param>
/// <param name="Right">Against what; null where the kind needs nothing.</param>
/// <param name="Set">The literals of <see cref="TestKind.InSet"/>.</param>
/// <param name="Pattern">The pattern of <see cref="TestKind.Matches"/>.</param>
/// <param name="Glob">The pattern of <see cref="TestKind.Like"/>.</param>
internal sealed record Test(TestKind Kind, Operand Left, Operand? Right = null, ValueSet? Set = null, TextPattern? Pattern = null, Glob? Glob = null) : Condition
{
    internal override bool IsStatic { get; } = Left.IsStatic && (Right is null || Right.IsStatic);

    internal override bool ReadsOutput { get; } = Left.ReadsOutput || Right is { ReadsOutput: true };
}
