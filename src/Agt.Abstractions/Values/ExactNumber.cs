using System.Globalization;
using System.Numerics;

namespace Agt.Values;

/// <summary>A decimal number of any size and precision, as <c>mantissa x 10^exponent</c>, beside the text it was written in.</summary>
internal sealed class ExactNumber
{
    /// <summary>Digits and exponent beyond this are refused: comparing such numbers could be made arbitrarily slow.</summary>
    internal const int MaxDigits = 1_000;

    private ExactNumber(string lexeme, BigInteger mantissa, int exponent)
    {
        Lexeme = lexeme;
        Mantissa = mantissa;
        Exponent = exponent;
    }

    internal string Lexeme { get; }

    internal BigInteger Mantissa { get; }

    internal int Exponent { get; }

    internal static bool TryParse(ReadOnlySpan<char> text, out ExactNumber? number)
    {
        number = null;
        if (text.Length is 0 or > MaxDigits)
        {
            return false;
        }

        ReadOnlySpan<char> digits = text;
        int exponent = 0;
        int mark = text.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            if (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) ||
                Math.Abs((long)exponent) > MaxDigits)
            {
                return false;
            }

            digits = text[..mark];
        }

        int point = digits.IndexOf('.');
        BigInteger mantissa;
        if (point < 0)
        {
            if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out mantissa))
            {
                return false;
            }
        }
        else
        {
            string joined = string.Concat(digits[..point], digits[(point + 1)..]);
            if (!BigInteger.TryParse(joined, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out mantissa))
            {
                return false;
            }

            exponent -= digits.Length - point - 1;
        }

        number = new ExactNumber(text.ToString(), mantissa, exponent);
        return true;
    }

    /// <summary>The exact value of a double (every finite double is a finite decimal).</summary>
    internal static ExactNumber FromDouble(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & 0xFFFFFFFFFFFFFL;
        if (exponent == 0)
        {
            exponent++;
        }
        else
        {
            fraction |= 1L << 52;
        }

        exponent -= 1075;
        BigInteger mantissa = bits < 0 ? -fraction : fraction;
        return exponent >= 0
            ? new ExactNumber(string.Empty, mantissa << exponent, 0)
            : new ExactNumber(string.Empty, mantissa * BigInteger.Pow(5, -exponent), exponent);
    }

    internal static ExactNumber FromInt64(long value) => new(string.Empty, value, 0);

    internal double ToDouble() =>
        double.TryParse(Lexeme, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;

    internal static int Compare(ExactNumber left, ExactNumber right)
    {
        if (left.Exponent == right.Exponent)
        {
            return left.Mantissa.CompareTo(right.Mantissa);
        }

        return left.Exponent > right.Exponent
            ? (left.Mantissa * BigInteger.Pow(10, left.Exponent - right.Exponent)).CompareTo(right.Mantissa)
            : left.Mantissa.CompareTo(right.Mantissa * BigInteger.Pow(10, right.Exponent - left.Exponent));
    }
}
