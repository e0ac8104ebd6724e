using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>What plain scalars of YAML mean.</summary>
internal static class CoreSchema
{
    /// <summary>The core schema of YAML 1.2 (section 10.3.2): yes, no, on and off are text.</summary>
    internal static GovernedValue Resolve(string text, SourcePosition position)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return GovernedValue.Null;
            case "true" or "True" or "TRUE":
                return GovernedValue.From(true);
            case "false" or "False" or "FALSE":
                return GovernedValue.From(false);
        }

        char first = text[0];
        if (!(char.IsAsciiDigit(first) || first is '-' or '+' or '.'))
        {
            return GovernedValue.From(text);
        }

        if (text is ".inf" or ".Inf" or ".INF" or "-.inf" or "-.Inf" or "-.INF" or "+.inf" or "+.Inf" or "+.INF" or ".nan" or ".NaN" or ".NAN")
        {
            throw new DocumentException("AGTP018", position, "A number is not finite.", "Write a finite number, or quotes around text.");
        }

        return Based(text, position) ?? (IsDecimal(text) ? Number(text, position) : GovernedValue.From(text));
    }

    /// <summary><c>0x</c> and <c>0o</c>; null if it is neither.</summary>
    private static GovernedValue? Based(string text, SourcePosition position)
    {
        int bits = text.StartsWith("0x", StringComparison.Ordinal) ? 4 : text.StartsWith("0o", StringComparison.Ordinal) ? 3 : 0;
        if (bits == 0 || text.Length == 2)
        {
            return null;
        }

        long value = 0;
        foreach (char c in text.AsSpan(2))
        {
            if (!char.IsAsciiHexDigit(c) || (bits == 3 && c is < '0' or > '7'))
            {
                return null;
            }

            if (value > long.MaxValue >> bits)
            {
                throw new DocumentException("AGTP018", position, "A number is too large.", "Write it in decimal, or put quotes around text.");
            }

            value = (value << bits) | (uint)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        return GovernedValue.From(value);
    }

    private static bool IsDecimal(string text)
    {
        int at = text[0] is '-' or '+' ? 1 : 0;
        int digits = 0;
        bool point = false;
        for (; at < text.Length; at++)
        {
            char c = text[at];
            if (char.IsAsciiDigit(c))
            {
                digits++;
            }
            else if (c == '.' && !point)
            {
                point = true;
            }
            else
            {
                break;
            }
        }

        if (digits == 0 || at == text.Length)
        {
            return digits > 0;
        }

        if (text[at] is not ('e' or 'E'))
        {
            return false;
        }

        at++;
        at += at < text.Length && text[at] is '-' or '+' ? 1 : 0;
        return at < text.Length && !text.AsSpan(at).ContainsAnyExceptInRange('0', '9');
    }

    private static GovernedValue Number(string text, SourcePosition position)
    {
        try
        {
            return GovernedValue.FromNumberText(text[0] == '+' ? text.AsSpan(1) : text);
        }
        catch (PayloadException)
        {
            throw new DocumentException("AGTP018", position, "A number has too many digits.", "Use at most 1,000 digits, or quotes around text.");
        }
    }
}
