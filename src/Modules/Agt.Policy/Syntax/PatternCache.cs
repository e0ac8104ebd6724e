using System.Text;
using System.Text.RegularExpressions;

namespace Agt.Policy.Syntax;

/// <summary>Makes the regular expressions of one policy set, each once. Linear-time only.</summary>
internal sealed class PatternCache
{
    private readonly Dictionary<(string Source, bool Glob), Regex> _made = [];

    internal PatternNode Node(int at, int patternAt, ConditionNode operand, string source, bool glob, ConditionLimits limits)
    {
        if (source.Length > limits.MaxPatternLength)
        {
            throw new ConditionException("AGTP114", patternAt, $"A pattern has more than {limits.MaxPatternLength} characters.", "Split the pattern over several rules.");
        }

        return new PatternNode(at, operand, source, glob, Get(patternAt, source, glob));
    }

    /// <summary>The regular expression of a pattern.</summary>
    /// <exception cref="ConditionException">It is malformed, or cannot be matched in linear time.</exception>
    internal Regex Get(int at, string source, bool glob)
    {
        if (_made.TryGetValue((source, glob), out Regex? made))
        {
            return made;
        }

        string pattern = glob ? GlobToRegex(at, source) : RegexDialect.Translate(source);
        const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;
        try
        {
            made = new Regex(pattern, glob ? Options | RegexOptions.Singleline : Options);
        }
        catch (RegexParseException exception)
        {
            throw new ConditionException("AGTP120", at, $"The pattern is malformed: {Reason(exception)}", "Correct the regular expression; .NET syntax, with (?P<name>...) and \\Z understood.");
        }
        catch (NotSupportedException)
        {
            throw new ConditionException(
                "AGTP121", at, "The pattern cannot be matched in linear time: it uses lookaround, a backreference, an atomic group or a conditional.", "Rewrite it without these, or as several tests joined by and, or, not.");
        }

        _made[(source, glob)] = made;
        return made;
    }

    private static string Reason(RegexParseException exception) => $"{exception.Error} at character {exception.Offset + 1}.";

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
                    int first = i + 1 < glob.Length && glob[i + 1] == '!' ? i + 2 : i + 1;
                    int close = first < glob.Length ? glob.IndexOf(']', first + 1) : -1;
                    if (close < 0)
                    {
                        throw new ConditionException("AGTP122", at, "A [ in a glob is not closed.", "Write [[] for the character itself.");
                    }

                    regex.Append(first == i + 2 ? "[^" : "[").Append(glob[first..close].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("^", "\\^", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal)).Append(']');
                    i = close;
                    break;
                default:
                    regex.Append(Regex.Escape(c.ToString()));
                    break;
            }
        }

        return regex.Append("\\z").ToString();
    }
}
