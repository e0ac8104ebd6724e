using System.Text.RegularExpressions;

namespace Agt.Repository.Tests;

/// <summary>What no file of this repository may contain.</summary>
internal static partial class TextRules
{
    /// <summary>Findings for one file; <paramref name="path"/> is relative to the root, with forward slashes.</summary>
    internal static IEnumerable<string> Findings(string path, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            yield break; // not a text
        if (text.Contains('\r', StringComparison.Ordinal))
            yield return $"{path}: has a carriage return.";
        if (text.Length > 0 && text[^1] != '\n')
            yield return $"{path}: does not end with a newline.";
        foreach (Match match in MachinePath().Matches(text))
            yield return $"{path}:{LineOf(text, match)}: a path of one machine: {match.Value}";
        if (path.EndsWith(".cs", StringComparison.Ordinal) && TabIndent().Match(text) is { Success: true } tab)
            yield return $"{path}:{LineOf(text, tab)}: indented with a tab.";
        if (path.StartsWith("src/", StringComparison.Ordinal))
        {
            foreach (Match match in Unfinished().Matches(text))
                yield return $"{path}:{LineOf(text, match)}: unfinished: {match.Value}";
        }
    }

    private static int LineOf(string text, Match match) => text.AsSpan(0, match.Index).Count('\n') + 1;

    [GeneratedRegex(@"(?<![\w.\-*])/(?:(?:work|root)/|tmp/\w|(?:home|Users)/\w)|[A-Za-z]:\\(?:Users|Temp)\\", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^ *\t", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex TabIndent();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX|NotImplementedException)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Unfinished();
}
