namespace Agt.Values;

/// <summary>The equalities of the policy languages over <see cref="GovernedValue"/>. Thread-safe.</summary>
public sealed class ValueComparer : IEqualityComparer<GovernedValue>
{
    private readonly bool _exact;

    private ValueComparer(bool exact) => _exact = exact;

    /// <summary>Numbers by their exact value (1 equals 1.0); all else by kind and content. Used by YAML policies and Rego.</summary>
    public static ValueComparer Numeric { get; } = new(exact: false);

    /// <summary>As <see cref="Numeric"/>, but a whole number and a fraction never equal (1 differs from 1.0). Used by ACS identities.</summary>
    public static ValueComparer Exact { get; } = new(exact: true);

    /// <summary>Compares two numbers by their exact value, without rounding; false if either is no number.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">Another number.</param>
    /// <param name="order">Negative, zero or positive.</param>
    public static bool TryCompareNumbers(GovernedValue left, GovernedValue right, out int order)
    {
        bool leftWhole = left.TryGetInt64(out long a);
        bool rightWhole = right.TryGetInt64(out long b);
        if (leftWhole && rightWhole)
        {
            order = a.CompareTo(b);
            return true;
        }

        bool leftReal = left.TryGetDouble(out double x);
        bool rightReal = right.TryGetDouble(out double y);
        if (leftReal && rightReal)
        {
            order = x.CompareTo(y);
            return true;
        }

        if (leftWhole && rightReal)
        {
            order = Compare(a, y);
            return true;
        }

        if (leftReal && rightWhole)
        {
            order = -Compare(b, x);
            return true;
        }

        ExactNumber? exactLeft = left.ExactNumber ?? (leftWhole ? ExactNumber.FromInt64(a) : leftReal ? ExactNumber.FromDouble(x) : null);
        ExactNumber? exactRight = right.ExactNumber ?? (rightWhole ? ExactNumber.FromInt64(b) : rightReal ? ExactNumber.FromDouble(y) : null);
        if (exactLeft is null || exactRight is null)
        {
            order = 0;
            return false;
        }

        order = ExactNumber.Compare(exactLeft, exactRight);
        if (order != 0 && ((leftReal && SameDecimal(x, exactRight)) || (rightReal && SameDecimal(y, exactLeft))))
        {
            order = 0;
        }

        return true;
    }

    /// <summary>
    /// Whether a double is what its shortest text says: 0.1 then equals the number written 0.10, although the nearest double is a little more than a tenth.
    /// Otherwise a caller could step around a rule on 0.1 by writing one more zero.
    /// </summary>
    private static bool SameDecimal(double real, ExactNumber exact) =>
        ExactNumber.TryParse(real.ToString("R", System.Globalization.CultureInfo.InvariantCulture), out ExactNumber? shortest) &&
        ExactNumber.Compare(shortest!, exact) == 0;

    /// <inheritdoc />
    public bool Equals(GovernedValue x, GovernedValue y)
    {
        if (x.TryGetText(out ReadOnlySpan<char> left))
        {
            return y.TryGetText(out ReadOnlySpan<char> right) && left.SequenceEqual(right);
        }

        if (x.IsNumber)
        {
            return y.IsNumber && TryCompareNumbers(x, y, out int order) && order == 0 && (!_exact || IsWhole(x) == IsWhole(y));
        }

        ValueKind kind = x.Kind;
        if (kind != y.Kind)
        {
            return false;
        }

        return kind switch
        {
            ValueKind.Boolean => x.TryGetBoolean(out bool a) & y.TryGetBoolean(out bool b) && a == b,
            ValueKind.Map => MembersEqual(x, y),
            ValueKind.List or ValueKind.Set => ItemsEqual(x, y),
            _ => true,
        };
    }

    /// <inheritdoc />
    public int GetHashCode(GovernedValue obj)
    {
        if (obj.TryGetText(out ReadOnlySpan<char> text))
        {
            return string.GetHashCode(text);
        }

        if (obj.TryGetInt64(out long integer))
        {
            return ((double)integer).GetHashCode();
        }

        if (obj.TryGetDouble(out double real))
        {
            return real.GetHashCode();
        }

        return obj.ExactNumber is { } exact ? exact.ToDouble().GetHashCode() : HashCode.Combine((int)obj.Kind, obj.Count);
    }

    private static bool IsWhole(GovernedValue value) =>
        value.Kind == ValueKind.Integer || (value.ExactNumber is { } exact && exact.Lexeme.AsSpan().IndexOfAny('.', 'e', 'E') < 0);

    /// <summary>Compares a whole number with a double without rounding either.</summary>
    private static int Compare(long whole, double real)
    {
        if (real >= 9_223_372_036_854_775_808.0)
        {
            return -1;
        }

        if (real < -9_223_372_036_854_775_808.0)
        {
            return 1;
        }

        long truncated = (long)real;
        return whole != truncated ? whole.CompareTo(truncated) : 0.0.CompareTo(real - truncated);
    }

    private bool ItemsEqual(GovernedValue x, GovernedValue y)
    {
        int count = x.Count;
        if (count != y.Count)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!Equals(x[i], y[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool MembersEqual(GovernedValue x, GovernedValue y)
    {
        ReadOnlySpan<ValueEntry> members = x.Entries();
        if (members.Length != y.Count)
        {
            return false;
        }

        foreach (ref readonly ValueEntry member in members)
        {
            if (!y.TryGetMember(member.Name!, out GovernedValue other) || !Equals(member.Value, other))
            {
                return false;
            }
        }

        return true;
    }
}
