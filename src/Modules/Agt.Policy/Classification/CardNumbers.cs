using System.Globalization;

namespace Agt.Policy.Classification;

/// <summary>Finds numbers of payment cards. One pass, linear in the text, without allocation.</summary>
internal static class CardNumbers
{
    private const int MinDigits = 13;
    private const int MaxDigits = 19;
    private const int MaxSeparators = 2;

    /// <summary>
    /// Whether a card number stands in the text. Its digits may be of any script and in groups, with up to two characters between them that are neither letters nor digits; it begins and ends
    /// where a group does, so that other numbers beside it do not hide it.
    /// </summary>
    internal static bool IsIn(ReadOnlySpan<char> text)
    {
        Span<byte> digits = stackalloc byte[MaxDigits];
        for (int i = 0; i < text.Length; i++)
        {
            if (DigitAt(text, i) >= 0 && (i == 0 || DigitAt(text, i - 1) < 0) && BeginsAt(text, i, digits))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The check digit of ISO/IEC 7812-1.</summary>
    internal static bool SatisfiesLuhn(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            digit = i % 2 == 0 ? digit : digit * 2;
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    private static bool BeginsAt(ReadOnlySpan<char> text, int start, Span<byte> digits)
    {
        int count = 0;
        int separators = 0;
        for (int i = start; i < text.Length; i++)
        {
            int digit = DigitAt(text, i);
            if (digit < 0)
            {
                if (char.IsLetterOrDigit(text[i]) || ++separators > MaxSeparators)
                {
                    return false;
                }

                continue;
            }

            separators = 0;
            if (count == MaxDigits)
            {
                return false;
            }

            digits[count++] = (byte)digit;
            bool ends = i + 1 == text.Length || DigitAt(text, i + 1) < 0;
            if (ends && count >= MinDigits && IsIssued(digits[..count]) && SatisfiesLuhn(digits[..count]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a network issues numbers that begin so and are as long.</summary>
    private static bool IsIssued(ReadOnlySpan<byte> digits)
    {
        int two = (digits[0] * 10) + digits[1];
        int four = (two * 100) + (digits[2] * 10) + digits[3];
        return digits[0] switch
        {
            2 => digits.Length == 16 && four is >= 2200 and <= 2720,
            3 => two switch
            {
                34 or 37 => digits.Length == 15,
                35 => digits.Length >= 16,
                30 or 36 or 38 or 39 => digits.Length >= 14,
                _ => false,
            },
            4 => digits.Length is 13 or 16 or 19,
            5 => two is < 51 or > 55 || digits.Length == 16,
            6 => true,
            _ => two == 81 && digits.Length >= 16,
        };
    }

    /// <summary>The value of a digit of any script in the Basic Multilingual Plane; -1 for what is none.</summary>
    private static int DigitAt(ReadOnlySpan<char> text, int index)
    {
        char character = text[index];
        return char.IsAsciiDigit(character) ? character - '0' : character < '\u0080' ? -1 : CharUnicodeInfo.GetDecimalDigitValue(character);
    }
}
