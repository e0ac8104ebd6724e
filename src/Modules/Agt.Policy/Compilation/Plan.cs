using System.Buffers;
using Agt.Policy.Matching;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>
/// What is left to do for one kind of action at one point, as flat code. Immutable and thread-safe; evaluating allocates nothing unless several rules contribute
/// in a combination not seen before, a rate limit refuses, or a test has to build a text.
/// </summary>
internal sealed class Plan
{
    private readonly Instruction[] _code;
    private readonly FieldPath[] _fields;
    private readonly int[] _starts;
    private readonly CompiledRule[] _rules;
    private readonly CombinedVerdicts _combined;
    private readonly Verdict _default;
    private readonly long _budget;
    private readonly PatternSet?[]? _sets;
    private readonly bool _isConstant;
    private readonly Verdict _constant;

    internal Plan(PlanEmitter emitter, CompiledRule[] contributors, Verdict unmatched, long budget, Dictionary<FieldPath, PatternSet>? patterns)
    {
        _code = emitter.Finish(out _starts, out _rules);
        _fields = [.. emitter.Fields];
        _combined = new CombinedVerdicts(contributors);
        _default = unmatched;
        _budget = budget;
        ReadsOutput = emitter.ReadsOutput;
        Facets = emitter.Facets;
        _sets = SetsFor(patterns);
        TakesRateLimits = Array.Exists(_code, instruction => instruction.Operation == Operation.Admit);
        if (!Array.Exists(_code, instruction => instruction.Operation is < Operation.Deny or Operation.Admit))
        {
            PolicyInput none = default;
            _constant = Run(in none, null, default);
            _isConstant = true;
        }
    }

    private Plan(Verdict constant)
    {
        _code = [];
        _fields = [];
        _starts = [];
        _rules = [];
        _combined = new CombinedVerdicts([]);
        Facets = new FacetNames();
        _constant = constant;
        _isConstant = true;
    }

    /// <summary>Whether any reachable test reads the result of the action.</summary>
    internal bool ReadsOutput { get; }

    /// <summary>Whether every action gets the same verdict.</summary>
    /// <summary>The facets it may read.</summary>
    internal FacetNames Facets { get; }

    internal bool IsConstant => _isConstant;

    /// <summary>That verdict.</summary>
    internal Verdict Constant => _constant;

    /// <summary>Whether a rate limit may have to admit the action.</summary>
    internal bool TakesRateLimits { get; }

    /// <summary>How many instructions it has.</summary>
    internal int Length => _code.Length;

    internal static Plan Always(Verdict verdict) => new(verdict);

    /// <summary>Evaluates the rules.</summary>
    /// <param name="input">The action.</param>
    /// <param name="ledger">What takes rate limits; null to take them for admitted.</param>
    internal Verdict Evaluate(ref readonly PolicyInput input, RateLimitLedger? ledger)
    {
        if (_isConstant)
        {
            return _constant;
        }

        if (_sets is not null)
        {
            return EvaluateWithSets(in input, ledger);
        }

        if (_fields.Length <= 4)
        {
            FewSlots few = default;
            return Run(in input, ledger, few);
        }

        if (_fields.Length <= 16)
        {
            SomeSlots some = default;
            return Run(in input, ledger, some);
        }

        Slot[] many = ArrayPool<Slot>.Shared.Rent(_fields.Length);
        try
        {
            return Run(in input, ledger, many.AsSpan(0, _fields.Length));
        }
        finally
        {
            ArrayPool<Slot>.Shared.Return(many, clearArray: true);
        }
    }

    private Verdict EvaluateWithSets(ref readonly PolicyInput input, RateLimitLedger? ledger)
    {
        Slot[] rented = ArrayPool<Slot>.Shared.Rent(_fields.Length);
        Span<Slot> slots = rented.AsSpan(0, _fields.Length);
        slots.Clear();
        try
        {
            return Run(in input, ledger, slots);
        }
        finally
        {
            foreach (ref Slot slot in slots)
            {
                if (slot.Found is { } found)
                {
                    ArrayPool<ulong>.Shared.Return(found);
                }
            }

            ArrayPool<Slot>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>The sets of the fields that this plan searches for many patterns; their instructions get the number of their pattern.</summary>
    private PatternSet?[]? SetsFor(Dictionary<FieldPath, PatternSet>? patterns)
    {
        if (patterns is null)
        {
            return null;
        }

        PatternSet?[]? sets = null;
        foreach (ref Instruction step in _code.AsSpan())
        {
            if (step.Operation == Operation.Matches && patterns.TryGetValue(_fields[step.Slot], out PatternSet? set) && set.TryGetNumber((TextPattern)step.Reference!, out int number))
            {
                (sets ??= new PatternSet?[_fields.Length])[step.Slot] = set;
                step.Number = number + 1;
            }
        }

        return sets;
    }

    /// <summary>One pass over the text for all patterns of the field; the answers of later tests are there already.</summary>
    private Truth MatchInSet(in Instruction step, ref Slot slot, ref WorkBudget budget)
    {
        if (slot.Found is null)
        {
            slot.Value.TryGetText(out ReadOnlySpan<char> text);
            if (!budget.TryTake(text.Length))
            {
                return Truth.Error;
            }

            PatternSet set = _sets![step.Slot]!;
            ulong[] found = ArrayPool<ulong>.Shared.Rent(set.Words);
            slot.Found = found;
            try
            {
                set.Match(text, found.AsSpan(0, set.Words));
            }
            catch (NotSupportedException)
            {
                // A pattern is too large for the linear-time engine after all; which one would have decided is not known.
                slot.Found = null;
                ArrayPool<ulong>.Shared.Return(found);
                return Truth.Error;
            }
        }

        int number = (int)step.Number - 1;
        return (slot.Found[number >> 6] & (1UL << number)) != 0 ? Truth.True : Truth.False;
    }

    private Verdict Run(ref readonly PolicyInput input, RateLimitLedger? ledger, Span<Slot> slots)
    {
        int most = _combined.Contributors;
        int[]? rented = most > 16 ? ArrayPool<int>.Shared.Rent(most) : null;
        try
        {
            return Run(in input, ledger, slots, rented ?? stackalloc int[16]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<int>.Shared.Return(rented);
            }
        }
    }

    private Verdict Run(ref readonly PolicyInput input, RateLimitLedger? ledger, Span<Slot> slots, Span<int> matched)
    {
        Instruction[] code = _code;
        var budget = new WorkBudget(_budget);
        int matches = 0;
        int at = 0;
        while (true)
        {
            ref readonly Instruction step = ref code[at];
            if (step.Operation < Operation.Deny)
            {
                bool holds;
                ref Slot slot = ref slots[step.Slot];
                if (step.Operation == Operation.CompareWhole && slot.Kind == ValueKind.Integer)
                {
                    holds = (step.Mask & OrderMask.Order(slot.Number, step.Number)) != 0;
                }
                else if (step.Operation == Operation.EqualText && slot.IsRead && (slot.Kind != ValueKind.String || slot.Number != step.Number))
                {
                    holds = false;
                }
                else
                {
                    Truth truth = step.Operation is Operation.Walk or Operation.HasLabel
                        ? TestWithoutSlot(in step, in input, ref budget)
                        : TestSlot(in step, in input, ref slot, ref budget);
                    if (truth == Truth.Error)
                    {
                        return RuleAt(at).Error;
                    }

                    holds = truth == Truth.True;
                }

                if (holds == step.JumpWhen)
                {
                    at = step.Target;
                }
                else
                {
                    at++;
                }

                continue;
            }

            switch (step.Operation)
            {
                case Operation.Deny:
                    return ((CompiledRule)step.Reference!).Verdict;
                case Operation.Fail:
                    return ((CompiledRule)step.Reference!).Error;
                case Operation.Admit:
                    if (ledger is not null && !ledger.TryAdmit((CompiledRule)step.Reference!, in input, out Verdict refusal))
                    {
                        return refusal;
                    }

                    matched[matches++] = step.Slot;
                    at = step.Target;
                    break;
                case Operation.Contribute:
                    matched[matches++] = step.Slot;
                    at = step.Target;
                    break;
                case Operation.EndIfMatched when matches == 0:
                    at++;
                    break;
                default:
                    return matches == 0 ? _default : _combined.Of(matched[..matches]);
            }
        }
    }

    private CompiledRule RuleAt(int at)
    {
        int index = Array.BinarySearch(_starts, at);
        return _rules[index >= 0 ? index : ~index - 1];
    }

    private Truth TestSlot(in Instruction step, ref readonly PolicyInput input, ref Slot slot, ref WorkBudget budget)
    {
        if (!slot.IsRead)
        {
            slot.Read(_fields[step.Slot], in input);
        }

        switch (step.Operation)
        {
            case Operation.CompareWhole:
                return slot.Kind == ValueKind.Integer
                    ? (step.Mask & OrderMask.Order(slot.Number, step.Number)) != 0 ? Truth.True : Truth.False
                    : ValueTests.Compare(slot.Value, GovernedValue.From(step.Number), step.Mask);
            case Operation.EqualText:
                return slot.Kind == ValueKind.String && slot.Number == step.Number && slot.Value.TryGetText(out ReadOnlySpan<char> text) && text.SequenceEqual((string)step.Reference!)
                    ? Truth.True
                    : Truth.False;
            case Operation.EqualWhole:
                return slot.Kind == ValueKind.Integer
                    ? slot.Number == step.Number ? Truth.True : Truth.False
                    : ValueTests.Equal(slot.Value, GovernedValue.From(step.Number));
            case Operation.EqualBoolean:
                return slot.Kind == ValueKind.Boolean && slot.Number == step.Number ? Truth.True : Truth.False;
            case Operation.Has:
                return slot.Kind > ValueKind.Null ? Truth.True : Truth.False;
            case Operation.Holds:
                return slot.Kind == ValueKind.Boolean ? slot.Number != 0 ? Truth.True : Truth.False
                    : slot.Kind <= ValueKind.Null ? Truth.False : Truth.Error;
            case Operation.CompareReal:
                if (slot.Kind == ValueKind.Double)
                {
                    double left = BitConverter.Int64BitsToDouble(slot.Number);
                    double right = BitConverter.Int64BitsToDouble(step.Number);
                    int order = left < right ? OrderMask.Less : left == right ? OrderMask.Equal : OrderMask.Greater;
                    return (step.Mask & order) != 0 ? Truth.True : Truth.False;
                }

                return ValueTests.Compare(slot.Value, GovernedValue.From(BitConverter.Int64BitsToDouble(step.Number)), step.Mask);
            case Operation.InSet:
                return ((ValueSet)step.Reference!).Contains(slot.Value) ? Truth.True : Truth.False;
            case Operation.Matches when step.Number != 0 && slot.Kind == ValueKind.String:
                return MatchInSet(in step, ref slot, ref budget);
            case Operation.Matches:
                return ValueTests.Matches(slot.Value, (TextPattern)step.Reference!, ref budget);
            case Operation.Like:
                return ValueTests.Like(slot.Value, (Glob)step.Reference!, ref budget);
            case Operation.CompareText:
                return ValueTests.Compare(slot.Value, GovernedValue.From((string)step.Reference!), step.Mask);
            case Operation.ContainsText:
                return ValueTests.Contains(slot.Value, GovernedValue.From((string)step.Reference!), ref budget);
            default:
                return ValueTests.Affix(slot.Value, GovernedValue.From((string)step.Reference!), step.Operation == Operation.EndsWithText);
        }
    }

    private static Truth TestWithoutSlot(in Instruction step, ref readonly PolicyInput input, ref WorkBudget budget)
    {
        if (step.Operation == Operation.HasLabel)
        {
            return input.Labels is { } labels && labels.Contains((string)step.Reference!) ? Truth.True : Truth.False;
        }

        return ConditionEvaluator.Evaluate((Test)step.Reference!, in input, ref budget);
    }
}
