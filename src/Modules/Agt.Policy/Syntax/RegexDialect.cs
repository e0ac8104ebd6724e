using System.Globalization;
using System.Text;

namespace Agt.Policy.Syntax;

/// <summary>Translates the Python flavour of regular expressions that policies are written in to that of .NET (POL 5.2).</summary>
internal static class RegexDialect
{
    internal static string Translate(string source)
    {
        if (!source.Contains('\\', StringComparison.Ordinal) && !source.Contains("(?P", StringComparison.Ordinal))
        {
            return source;
        }

        var result = new StringBuilder(source.Length + 8);
        for (int i = 0; i < source.Length; i++)
        {
            char c = source[i];
            if (c == '(' && Follows(source, i, "(?P<"))
            {
                result.Append("(?<");
                i += 3;
            }
            else if (c == '(' && Follows(source, i, "(?P=") && source.IndexOf(')', i) is var close && close > 0)
            {
                result.Append("\\k<").Append(source, i + 4, close - i - 4).Append('>');
                i = close;
            }
            else if (c == '\\' && i + 1 < source.Length)
            {
                i = Escape(source, i, result);
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private static bool Follows(string source, int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static int Escape(string source, int at, StringBuilder result)
    {
        char c = source[at + 1];
        if (c == 'Z')
        {
            result.Append("\\z");
            return at + 1;
        }

        if (c == 'U' && at + 10 <= source.Length &&
            int.TryParse(source.AsSpan(at + 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && Rune.IsValid(code))
        {
            string text = new Rune(code).ToString();
            result.Append(text.Length == 1 ? System.Text.RegularExpressions.Regex.Escape(text) : "(?:" + text + ")");
            return at + 9;
        }

        if (c == '_' || (c > 127 && !char.IsControl(c)))
        {
            // An escape that Python takes for the character itself.
            result.Append(c);
            return at + 1;
        }

        result.Append('\\').Append(c);
        return at + 1;
    }
}
