using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>A value inside a condition.</summary>
internal abstract record Operand
{
    /// <summary>Whether the template alone answers it.</summary>
    internal abstract bool IsStatic { get; }

    /// <summary>Whether it reads the result of the action.</summary>
    internal abstract bool ReadsOutput { get; }
}

/// <summary>A value written in the policy.</summary>
internal sealed record LiteralOperand(GovernedValue Value) : Operand
{
    internal override bool IsStatic => true;

    internal override bool ReadsOutput => false;

    // Literals 1 and 1.0 compare as equal and mean the same in every operator but "matches", whose text differs.
    public bool Equals(LiteralOperand? other) => other is not null && ValueComparer.Exact.Equals(Value, other.Value) && Value.Kind == other.Value.Kind;

    public override int GetHashCode() => ValueComparer.Exact.GetHashCode(Value);
}

/// <summary>A value read from the action.</summary>
internal sealed record PathOperand(FieldPath Path) : Operand
{
    internal override bool IsStatic => Path.IsStatic;

    internal override bool ReadsOutput => Path.Root == FieldRoot.Output;
}

/// <summary><c>len(x)</c>, <c>lower(s)</c> or <c>upper(s)</c>.</summary>
internal sealed record CallOperand(Function Function, Operand Argument) : Operand
{
    internal override bool IsStatic => Argument.IsStatic;

    internal override bool ReadsOutput => Argument.ReadsOutput;
}

/// <summary>A condition in the place of a value, as in <c>(a == 1) == b</c>.</summary>
internal sealed record ConditionOperand(Condition Condition) : Operand
{
    internal override bool IsStatic => Condition.IsStatic;

    internal override bool ReadsOutput => Condition.ReadsOutput;
}
