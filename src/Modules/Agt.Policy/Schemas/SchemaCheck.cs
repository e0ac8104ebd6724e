using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Policy.Schemas;

/// <summary>Compares one value with a schema, within a bounded number of steps.</summary>
internal ref struct SchemaCheck(int steps)
{
    private int _left = steps;

    /// <summary>Whether the steps were enough. If not, no answer counts.</summary>
    internal readonly bool IsExhausted => _left < 0;

    internal bool Holds(SchemaNode schema, GovernedValue value)
    {
        if (--_left < 0 || schema.RefusesAll || !IsOfType(schema.Types, value) || !IsListed(schema.Enumeration, value))
        {
            return false;
        }

        bool holds = value.Kind switch
        {
            ValueKind.String => TextHolds(schema, value),
            ValueKind.List => ListHolds(schema, value),
            ValueKind.Map => MapHolds(schema, value),
            _ => !value.IsNumber || NumberHolds(schema, value),
        };
        return holds && TogetherHold(schema, value);
    }

    private static bool IsOfType(SchemaTypes? types, GovernedValue value)
    {
        if (types is not { } wanted)
        {
            return true;
        }

        SchemaTypes own = value.Kind switch
        {
            ValueKind.Null => SchemaTypes.Null,
            ValueKind.Boolean => SchemaTypes.Boolean,
            ValueKind.String => SchemaTypes.String,
            ValueKind.List => SchemaTypes.Array,
            ValueKind.Map => SchemaTypes.Object,
            _ when value.IsNumber => IsWhole(value) ? SchemaTypes.Number | SchemaTypes.Integer : SchemaTypes.Number,
            _ => SchemaTypes.None,
        };
        return (wanted & own) != 0;
    }

    /// <summary>A number with no fraction is an integer, however it is written (JSON Schema validation, 6.1.1).</summary>
    private static bool IsWhole(GovernedValue value) =>
        value.TryGetInt64(out _) || (value.TryGetDouble(out double real) ? double.IsInteger(real) : HasNoFraction(value.NumberText()));

    /// <summary>Whether what the exponent leaves behind the point is all zeros.</summary>
    private static bool HasNoFraction(ReadOnlySpan<char> number)
    {
        int mark = number.IndexOfAny('e', 'E');
        int exponent = mark < 0 ? 0 : int.Parse(number[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        ReadOnlySpan<char> digits = mark < 0 ? number : number[..mark];
        int point = digits.IndexOf('.');
        ReadOnlySpan<char> significant = digits.TrimEnd("0.");
        return significant.IndexOfAnyInRange('1', '9') < 0 || (point >= 0 && significant.Length > point
            ? exponent >= significant.Length - point - 1
            : exponent >= -TrailingZeros(point < 0 ? digits : digits[..point]));
    }

    private static int TrailingZeros(ReadOnlySpan<char> digits) => digits.Length - digits.TrimEnd('0').Length;

    private bool IsListed(GovernedValue[]? values, GovernedValue value)
    {
        if (values is null)
        {
            return true;
        }

        foreach (GovernedValue listed in values)
        {
            _left--;
            if (ValueComparer.Numeric.Equals(listed, value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NumberHolds(SchemaNode schema, GovernedValue value) =>
        Order(value, schema.Minimum) is null or >= 0 && Order(value, schema.Maximum) is null or <= 0
        && Order(value, schema.ExclusiveMinimum) is null or > 0 && Order(value, schema.ExclusiveMaximum) is null or < 0;

    private static int? Order(GovernedValue value, GovernedValue bound) =>
        bound.IsAbsent ? null : ValueComparer.TryCompareNumbers(value, bound, out int order) ? order : throw new InvalidOperationException("Two numbers could not be compared.");

    private static bool TextHolds(SchemaNode schema, GovernedValue value)
    {
        value.TryGetText(out ReadOnlySpan<char> text);
        if (schema.MinLength > 0 || schema.MaxLength < int.MaxValue)
        {
            // Lengths count characters of Unicode, not units of UTF-16 (JSON Schema validation, 6.3).
            int length = 0;
            foreach (Rune _ in text.EnumerateRunes())
            {
                length++;
            }

            if (length < schema.MinLength || length > schema.MaxLength)
            {
                return false;
            }
        }

        return schema.Pattern?.Regex.IsMatch(text) ?? true;
    }

    private bool ListHolds(SchemaNode schema, GovernedValue value)
    {
        if (value.Count < schema.MinItems || value.Count > schema.MaxItems)
        {
            return false;
        }

        for (int i = 0; schema.Items is not null && i < value.Count; i++)
        {
            if (!Holds(schema.Items, value[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool MapHolds(SchemaNode schema, GovernedValue value)
    {
        if (value.Count < schema.MinProperties || value.Count > schema.MaxProperties)
        {
            return false;
        }

        foreach (string name in schema.Required)
        {
            _left--;
            if (!value.TryGetMember(name, out _))
            {
                return false;
            }
        }

        foreach ((string name, SchemaNode property) in schema.Properties)
        {
            _left--;
            if (value.TryGetMember(name, out GovernedValue member) && !Holds(property, member))
            {
                return false;
            }
        }

        return schema.AdditionalProperties is null || OthersHold(schema, value);
    }

    private bool OthersHold(SchemaNode schema, GovernedValue value)
    {
        for (int i = 0; i < value.Count; i++)
        {
            ValueMember member = value.MemberAt(i);
            bool named = false;
            foreach ((string name, _) in schema.Properties)
            {
                _left--;
                named |= name == member.Name;
            }

            if (!named && !Holds(schema.AdditionalProperties!, member.Value))
            {
                return false;
            }
        }

        return true;
    }

    private bool TogetherHold(SchemaNode schema, GovernedValue value)
    {
        foreach (SchemaNode each in schema.All)
        {
            if (!Holds(each, value))
            {
                return false;
            }
        }

        return (schema.Any.Length == 0 || Matches(schema.Any, value, most: 1) >= 1)
            && (schema.One.Length == 0 || Matches(schema.One, value, most: 2) == 1)
            && (schema.Not is null || !Holds(schema.Not, value));
    }

    private int Matches(SchemaNode[] schemas, GovernedValue value, int most)
    {
        int matches = 0;
        for (int i = 0; i < schemas.Length && matches < most; i++)
        {
            matches += Holds(schemas[i], value) ? 1 : 0;
        }

        return matches;
    }
}
