using System.Text;
using System.Text.RegularExpressions;

namespace Agt.Policy.Syntax;

/// <summary>
/// Reads and checks the patterns of one policy set, each once. Only those are accepted that a linear-time engine takes.
/// </summary>
internal sealed class PatternCache
{
    // The engine refuses automata of 10,000 states. Its count and ours differ by small factors, so that below a tenth of it nothing has to be tried.
    private const long SurelySmall = 1_000;

    private readonly Dictionary<(string Source, bool Glob), TextPattern> _made = [];

    internal PatternNode Node(int at, int patternAt, ConditionNode operand, string source, bool glob, ConditionLimits limits)
    {
        if (source.Length > limits.MaxPatternLength)
        {
            throw new ConditionException("AGTP114", patternAt, $"A pattern has more than {limits.MaxPatternLength} characters.", "Split the pattern over several rules.");
        }

        return new PatternNode(at, operand, Get(patternAt, source, glob));
    }

    /// <summary>The pattern.</summary>
    /// <param name="at">Where its text begins, its quote included; -1 if that is not known.</param>
    /// <param name="source">The pattern as it is written.</param>
    /// <param name="glob">Whether it is a glob.</param>
    /// <exception cref="ConditionException">It is malformed, or cannot be matched in linear time.</exception>
    internal TextPattern Get(int at, string source, bool glob)
    {
        if (_made.TryGetValue((source, glob), out TextPattern? made))
        {
            return made;
        }

        made = glob ? new TextPattern(source, true, GlobToRegex(at, source)) : Checked(at, source);
        _made[(source, glob)] = made;
        return made;
    }

    /// <summary>
    /// The parser of the interpreted engine takes some 20 microseconds and finds what is malformed; what the linear engine does not take is
    /// found while translating. Only a pattern that may be too large for it has to be constructed to be sure.
    /// </summary>
    private static TextPattern Checked(int at, string source)
    {
        var pattern = new TextPattern(source, false, RegexDialect.Translate(source, at, out long size));
        try
        {
            _ = size <= SurelySmall ? new Regex(pattern.Translated, RegexOptions.CultureInvariant) : pattern.Regex;
            return pattern;
        }
        catch (RegexParseException exception)
        {
            throw new ConditionException("AGTP120", at, $"The pattern is malformed: {Reason(exception)}", "Correct the regular expression.");
        }
        catch (NotSupportedException)
        {
            throw new ConditionException(
                "AGTP124", at, "The pattern is too large for an engine that matches in linear time: its counted repeats multiply.", "Use smaller counts, or * and +.");
        }
    }

    private static string Reason(RegexParseException exception)
    {
        var words = new StringBuilder();
        foreach (char c in exception.Error.ToString())
        {
            words.Append(char.IsAsciiLetterUpper(c) && words.Length > 0 ? " " : string.Empty).Append(char.ToLowerInvariant(c));
        }

        return $"{words} at its character {exception.Offset}.";
    }

    /// <summary>A glob as a regular expression over the whole text: <c>*</c> any run, <c>?</c> one character, <c>[seq]</c>, <c>[!seq]</c> (POL 5.3).</summary>
    private static string GlobToRegex(int at, string glob)
    {
        var regex = new StringBuilder("\\A");
        for (int i = 0; i < glob.Length; i++)
        {
            char c = glob[i];
            switch (c)
            {
                case '*':
                    regex.Append(".*");
                    while (i + 1 < glob.Length && glob[i + 1] == '*')
                    {
                        i++;
                    }

                    break;
                case '?':
                    regex.Append('.');
                    break;
                case '[':
                    i = Set(at, glob, i, regex);
                    break;
                default:
                    regex.Append(Regex.Escape(c.ToString()));
                    break;
            }
        }

        return regex.Append("\\z").ToString();
    }

    private static int Set(int at, string glob, int open, StringBuilder regex)
    {
        bool negated = open + 1 < glob.Length && glob[open + 1] == '!';
        int first = open + (negated ? 2 : 1);
        int close = first < glob.Length ? glob.IndexOf(']', first + 1) : -1;
        if (close < 0)
        {
            throw new ConditionException("AGTP122", at, "A [ in a glob is not closed.", "Write [[] for the character itself.");
        }

        regex.Append(negated ? "[^" : "[");
        for (int i = first; i < close; i++)
        {
            char c = glob[i];
            if (i + 2 < close && glob[i + 1] == '-')
            {
                if (glob[i + 2] < c)
                {
                    throw new ConditionException("AGTP122", at, $"The range {c}-{glob[i + 2]} in a glob ends before it begins.", "Write the lower character first.");
                }

                Literal(regex, c);
                regex.Append('-');
                Literal(regex, glob[i + 2]);
                i += 2;
            }
            else
            {
                Literal(regex, c);
            }
        }

        regex.Append(']');
        return close;
    }

    private static void Literal(StringBuilder regex, char c) =>
        regex.Append(c is '\\' or '[' or ']' or '^' or '-' ? "\\" : string.Empty).Append(c);
}
