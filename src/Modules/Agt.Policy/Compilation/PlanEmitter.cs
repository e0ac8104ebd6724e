namespace Agt.Policy.Compilation;

/// <summary>
/// Writes the flat code of a plan. Tests stand in the order in which they are evaluated and jump straight to where the whole condition is decided; what follows
/// from a match stands behind them, so that the tests of many rules lie close together.
/// </summary>
internal sealed class PlanEmitter
{
    private readonly List<Instruction> _code = [];
    private readonly List<int> _labels = [];
    private readonly Dictionary<FieldPath, int> _slots = [];
    private readonly List<FieldPath> _fields = [];
    private readonly List<(int Label, Instruction Instruction)> _outOfLine = [];
    private readonly List<(int Label, CompiledRule Rule)> _starts = [];

    internal bool ReadsOutput { get; private set; }

    internal FacetNames Facets { get; } = new();

    internal IReadOnlyList<FieldPath> Fields => _fields;

    internal int NewLabel()
    {
        _labels.Add(-1);
        return _labels.Count - 1;
    }

    internal void Place(int label) => _labels[label] = _code.Count;

    /// <summary>Writes one rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="condition">What is left of its condition.</param>
    /// <param name="effect">What follows from a match; its target is a label.</param>
    internal void Rule(CompiledRule rule, Condition condition, Instruction effect)
    {
        int start = NewLabel();
        Place(start);
        _starts.Add((start, rule));
        if (condition is Constant constant)
        {
            if (constant.Value == Truth.Error)
            {
                effect = new Instruction { Operation = Operation.Fail, Reference = rule };
            }

            _code.Add(effect);
            return;
        }

        ReadsOutput |= condition.ReadsOutput;
        Facets.Add(condition);
        int matched = NewLabel();
        int next = NewLabel();
        Branch(condition, matched, next, next);
        Place(next);
        _outOfLine.Add((matched, effect));
    }

    internal void Mark(Operation operation) => _code.Add(new Instruction { Operation = operation });

    internal Instruction[] Finish(out int[] starts, out CompiledRule[] rules)
    {
        starts = [.. _starts.Select(start => _labels[start.Label])];
        rules = [.. _starts.Select(start => start.Rule)];
        foreach ((int label, Instruction instruction) in _outOfLine)
        {
            Place(label);
            _code.Add(instruction);
        }

        Instruction[] code = [.. _code];
        foreach (ref Instruction instruction in code.AsSpan())
        {
            if (instruction.Operation < Operation.Deny || instruction.Operation is Operation.Admit or Operation.Contribute)
            {
                instruction.Target = _labels[instruction.Target];
            }
        }

        return code;
    }

    /// <summary>Writes a condition that jumps to one of two labels; one of them is placed right behind it.</summary>
    private void Branch(Condition condition, int whenTrue, int whenFalse, int following)
    {
        switch (condition)
        {
            case Negation negation:
                Branch(negation.Inner, whenFalse, whenTrue, following);
                break;
            case AllOf all:
                for (int i = 0; i < all.Parts.Length - 1; i++)
                {
                    int more = NewLabel();
                    Branch(all.Parts[i], more, whenFalse, more);
                    Place(more);
                }

                Branch(all.Parts[^1], whenTrue, whenFalse, following);
                break;
            case AnyOf any:
                for (int i = 0; i < any.Parts.Length - 1; i++)
                {
                    int more = NewLabel();
                    Branch(any.Parts[i], whenTrue, more, more);
                    Place(more);
                }

                Branch(any.Parts[^1], whenTrue, whenFalse, following);
                break;
            default:
                Instruction instruction = Select((Test)condition);
                instruction.JumpWhen = following == whenFalse;
                instruction.Target = following == whenFalse ? whenTrue : whenFalse;
                _code.Add(instruction);
                break;
        }
    }

    private Instruction Select(Test test)
    {
        if (test.Left is PathOperand { Path: { } path } && SelectFor(test) is { } operation)
        {
            if (path.Root == FieldRoot.Labels && test.Kind == TestKind.Contains)
            {
                return new Instruction { Operation = Operation.HasLabel, Reference = TextOf(test.Right) };
            }

            operation.Slot = SlotOf(path);
            return operation;
        }

        if (test is { Kind: TestKind.InList, Left: LiteralOperand sought, Right: PathOperand { Path.Root: FieldRoot.Labels } } && sought.Value.AsString() is { } label)
        {
            return new Instruction { Operation = Operation.HasLabel, Reference = label };
        }

        // A literal on the left of a comparison is the same comparison from the other side.
        if (test is { Left: LiteralOperand, Right: PathOperand, Kind: TestKind.Equal or TestKind.Less or TestKind.LessOrEqual or TestKind.Greater or TestKind.GreaterOrEqual })
        {
            return Select(new Test(OrderMask.Mirror(test.Kind), test.Right, test.Left));
        }

        return new Instruction { Operation = Operation.Walk, Reference = test };
    }

    private static Instruction? SelectFor(Test test)
    {
        switch (test.Kind)
        {
            case TestKind.Holds:
                return new Instruction { Operation = Operation.Holds };
            case TestKind.Has:
                return new Instruction { Operation = Operation.Has };
            case TestKind.InSet:
                return new Instruction { Operation = Operation.InSet, Reference = test.Set };
            case TestKind.Matches:
                return new Instruction { Operation = Operation.Matches, Reference = test.Pattern };
            case TestKind.Like:
                return new Instruction { Operation = Operation.Like, Reference = test.Glob };
        }

        if (test.Right is not LiteralOperand { Value: var literal })
        {
            return null;
        }

        if (literal.AsString() is { } text)
        {
            return test.Kind switch
            {
                TestKind.Equal => new Instruction { Operation = Operation.EqualText, Reference = text, Number = Slot.PrintOf(text) },
                TestKind.Contains => new Instruction { Operation = Operation.ContainsText, Reference = text },
                TestKind.StartsWith => new Instruction { Operation = Operation.StartsWithText, Reference = text },
                TestKind.EndsWith => new Instruction { Operation = Operation.EndsWithText, Reference = text },
                TestKind.InList => null,
                _ => new Instruction { Operation = Operation.CompareText, Mask = OrderMask.Of(test.Kind), Reference = text },
            };
        }

        if (test.Kind == TestKind.Equal && literal.TryGetBoolean(out bool flag))
        {
            return new Instruction { Operation = Operation.EqualBoolean, Number = flag ? 1 : 0 };
        }

        bool whole = literal.TryGetInt64(out long number);
        if (test.Kind == TestKind.Equal)
        {
            return whole ? new Instruction { Operation = Operation.EqualWhole, Number = number } : null;
        }

        if (test.Kind is not (TestKind.Less or TestKind.LessOrEqual or TestKind.Greater or TestKind.GreaterOrEqual))
        {
            return null;
        }

        return whole ? new Instruction { Operation = Operation.CompareWhole, Mask = OrderMask.Of(test.Kind), Number = number }
            : literal.TryGetDouble(out double real)
                ? new Instruction { Operation = Operation.CompareReal, Mask = OrderMask.Of(test.Kind), Number = BitConverter.DoubleToInt64Bits(real) }
                : null;
    }

    private static string? TextOf(Operand? operand) => operand is LiteralOperand literal ? literal.Value.AsString() : null;

    private int SlotOf(FieldPath path)
    {
        if (!_slots.TryGetValue(path, out int slot))
        {
            slot = _fields.Count;
            _fields.Add(path);
            _slots.Add(path, slot);
        }

        return slot;
    }
}
