using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Agt.Values;

/// <summary>
/// One frozen value of a payload: a JSON-shaped value (plus sets) that keeps the kind of a number and, where a double cannot, its exact text.
/// </summary>
/// <remarks>
/// 16 bytes, no boxing. Containers and some texts live in a <see cref="ValueArena"/>; reading them after the arena went back to its pool
/// throws <see cref="ObjectDisposedException"/>. Use <see cref="Detach"/> to keep one. Reading is thread-safe.
/// <see cref="Equals(GovernedValue)"/> is numeric (1 equals 1.0); see <see cref="ValueComparer"/> for the other equalities.
/// </remarks>
public readonly struct GovernedValue : IEquatable<GovernedValue>
{
    private const int CountBits = 22;
    private const int StartBits = 22;
    private const int GenerationBits = 18;
    internal const int MaxIndex = (1 << StartBits) - 1;
    internal const int GenerationMask = (1 << GenerationBits) - 1;

    private readonly object? _reference;
    private readonly long _bits;

    private GovernedValue(object? reference, long bits)
    {
        _reference = reference;
        _bits = bits;
    }

    /// <summary>No value at all; the same as <c>default</c>.</summary>
    public static GovernedValue Absent => default;

    /// <summary>An explicit null.</summary>
    public static GovernedValue Null => new(KindTag.Null, 0);

    /// <summary>What this value is.</summary>
    public ValueKind Kind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _reference switch
        {
            null => ValueKind.Absent,
            string => ValueKind.String,
            KindTag tag => tag.Kind,
            ValueArena => (ValueKind)((int)ValueKind.String + (int)((ulong)_bits >> 62)),
            _ => ValueKind.Exact,
        };
    }

    /// <summary>Whether there is no value.</summary>
    public bool IsAbsent => _reference is null;

    /// <summary>Whether the value is absent or null.</summary>
    public bool IsAbsentOrNull => _reference is null || ReferenceEquals(_reference, KindTag.Null);

    /// <summary>Whether the value is a number of any kind.</summary>
    public bool IsNumber => ReferenceEquals(_reference, KindTag.Integer) || ReferenceEquals(_reference, KindTag.Double) || _reference is ExactNumber;

    /// <summary>The number of items or members of a container; 0 for all else.</summary>
    public int Count => _reference is ValueArena && Kind != ValueKind.String ? RangeCount : 0;

    internal ValueArena? Arena => _reference as ValueArena;

    internal int RangeStart => (int)(((ulong)_bits >> CountBits) & MaxIndex);

    internal int RangeCount => (int)((ulong)_bits & ((1 << CountBits) - 1));

    internal ExactNumber? ExactNumber => _reference as ExactNumber;

    /// <summary>A text.</summary>
    public static GovernedValue From(string? value) => value is null ? Null : new(value, 0);

    /// <summary>A boolean.</summary>
    public static GovernedValue From(bool value) => new(KindTag.Boolean, value ? 1 : 0);

    /// <summary>A whole number.</summary>
    public static GovernedValue From(long value) => new(KindTag.Integer, value);

    /// <summary>A double.</summary>
    /// <exception cref="PayloadException">The value is NaN or an infinity, which JSON and the policy languages do not have.</exception>
    public static GovernedValue From(double value) => double.IsFinite(value)
        ? new(KindTag.Double, BitConverter.DoubleToInt64Bits(value))
        : throw new PayloadException(ReasonCodes.RequestInvalid, "A number is NaN or infinite.");

    /// <summary>A number from its JSON text: an <see cref="ValueKind.Integer"/> or <see cref="ValueKind.Double"/> where that keeps it exactly, else <see cref="ValueKind.Exact"/>.</summary>
    /// <exception cref="PayloadException">The text is no JSON number, or longer than 1,000 characters.</exception>
    public static GovernedValue FromNumberText(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('.', 'e', 'E') < 0)
        {
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) && !(integer == 0 && text[0] == '-'))
            {
                return From(integer);
            }
        }
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real))
        {
            Span<char> shortest = stackalloc char[32];
            int length = NumberText_(real, shortest);
            if (shortest[..length].SequenceEqual(text))
            {
                return From(real);
            }
        }

        return ExactNumber.TryParse(text, out ExactNumber? exact)
            ? new(exact, 0)
            : throw new PayloadException(ReasonCodes.RequestInvalid, "A number is malformed or has more than 1,000 digits.");
    }

    /// <summary>A frozen deep copy of JSON text, in memory of its own (never pooled).</summary>
    /// <exception cref="PayloadException">The text is not one JSON value, repeats a member name, or is beyond the limits.</exception>
    public static GovernedValue FromJson(ReadOnlySpan<byte> utf8, PayloadLimits? limits = null)
    {
        var arena = new ValueArena(limits ?? PayloadLimits.Default);
        return arena.WriteJson(utf8);
    }

    /// <inheritdoc cref="FromJson(ReadOnlySpan{byte}, PayloadLimits?)"/>
    public static GovernedValue FromJson(string json, PayloadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromJson(System.Text.Encoding.UTF8.GetBytes(json), limits);
    }

    internal static GovernedValue InArena(ValueArena arena, ValueKind kind, int start, int count) => new(
        arena,
        (long)(((ulong)(kind - ValueKind.String) << 62) | ((ulong)(uint)(arena.Generation & GenerationMask) << (StartBits + CountBits)) |
            ((ulong)(uint)start << CountBits) | (uint)count));

    /// <summary>The boolean, if it is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetBoolean(out bool value)
    {
        value = _bits != 0;
        return ReferenceEquals(_reference, KindTag.Boolean);
    }

    /// <summary>The whole number, if it is an <see cref="ValueKind.Integer"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetInt64(out long value)
    {
        value = _bits;
        return ReferenceEquals(_reference, KindTag.Integer);
    }

    /// <summary>The double, if it is a <see cref="ValueKind.Double"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetDouble(out double value)
    {
        value = BitConverter.Int64BitsToDouble(_bits);
        return ReferenceEquals(_reference, KindTag.Double);
    }

    /// <summary>The text, without allocating, if it is a <see cref="ValueKind.String"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetText(out ReadOnlySpan<char> text)
    {
        if (_reference is string direct)
        {
            text = direct;
            return true;
        }

        return TryGetArenaText(out text);
    }

    /// <summary>The text as a string, or null if this is no text. Allocates when the text lives in an arena.</summary>
    public string? AsString() => _reference as string ?? (TryGetArenaText(out ReadOnlySpan<char> text) ? text.ToString() : null);

    /// <summary>How the number was written, or its shortest exact form: <c>1</c>, <c>1.0</c>, <c>1.50</c>; null if this is no number.</summary>
    public string? NumberText()
    {
        if (TryGetInt64(out long integer))
        {
            return integer.ToString(CultureInfo.InvariantCulture);
        }

        if (TryGetDouble(out double real))
        {
            Span<char> buffer = stackalloc char[32];
            return buffer[..NumberText_(real, buffer)].ToString();
        }

        return (_reference as ExactNumber)?.Lexeme;
    }

    /// <summary>The item at an index of a list or set, or the value of the member at that index of a map; absent when out of range.</summary>
    public GovernedValue this[int index]
    {
        get
        {
            ReadOnlySpan<ValueEntry> entries = Entries();
            return (uint)index < (uint)entries.Length ? entries[index].Value : default;
        }
    }

    /// <summary>The member at an index of a map: name, value, and the original scalar object where one was captured.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such member.</exception>
    public ValueMember MemberAt(int index)
    {
        ReadOnlySpan<ValueEntry> entries = Entries();
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, entries.Length);
        ref readonly ValueEntry entry = ref entries[index];
        return new ValueMember(entry.Name ?? string.Empty, entry.Value, entry.Source);
    }

    /// <summary>Finds a member of a map by its name (ordinal).</summary>
    public bool TryGetMember(string name, out GovernedValue value)
    {
        if (_reference is ValueArena && Kind == ValueKind.Map)
        {
            int index = ValueArena.IndexOf(Entries(), name);
            if (index >= 0)
            {
                value = Entries()[index].Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>A copy in memory of its own, that lives as long as it is referenced.</summary>
    public GovernedValue Detach()
    {
        if (_reference is not ValueArena arena)
        {
            return this;
        }

        if (TryGetArenaText(out ReadOnlySpan<char> text))
        {
            return From(text.ToString());
        }

        var copy = new ValueArena(arena.Limits);
        return copy.Copy(this);
    }

    /// <inheritdoc />
    public bool Equals(GovernedValue other) => ValueComparer.Numeric.Equals(this, other);

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GovernedValue other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => ValueComparer.Numeric.GetHashCode(this);

    /// <summary>Equality by <see cref="ValueComparer.Numeric"/>.</summary>
    public static bool operator ==(GovernedValue left, GovernedValue right) => left.Equals(right);

    /// <summary>Inequality by <see cref="ValueComparer.Numeric"/>.</summary>
    public static bool operator !=(GovernedValue left, GovernedValue right) => !left.Equals(right);

    /// <summary>The kind only: a value may be secret, so its text is never shown here. Use <see cref="CanonicalJson"/> where it may.</summary>
    public override string ToString() => Kind is ValueKind.List or ValueKind.Map or ValueKind.Set ? $"{Kind}({Count})" : Kind.ToString();

    internal ReadOnlySpan<ValueEntry> Entries() =>
        _reference is ValueArena arena && (ulong)_bits >> 62 != 0 ? arena.EntrySpan(GenerationOf(_bits), RangeStart, RangeCount) : default;

    private static int GenerationOf(long bits) => (int)((ulong)bits >> (StartBits + CountBits)) & GenerationMask;

    private static int NumberText_(double value, Span<char> buffer)
    {
        value.TryFormat(buffer, out int length, "R", CultureInfo.InvariantCulture);
        if (buffer[..length].IndexOfAny('.', 'E') < 0)
        {
            ".0".CopyTo(buffer[length..]);
            length += 2;
        }

        return length;
    }

    private bool TryGetArenaText(out ReadOnlySpan<char> text)
    {
        if (_reference is ValueArena arena && (ulong)_bits >> 62 == 0)
        {
            text = arena.TextSpan(GenerationOf(_bits), RangeStart, RangeCount);
            return true;
        }

        text = default;
        return false;
    }
}
