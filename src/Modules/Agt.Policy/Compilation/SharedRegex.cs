using System.Text.RegularExpressions;

namespace Agt.Policy.Compilation;

/// <summary>A linear-time regex that is built when first needed, and once for all rules that use its text. Thread-safe.</summary>
internal sealed class SharedRegex
{
    internal const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private Regex? _regex;

    internal SharedRegex(string pattern) => Pattern = pattern;

    internal string Pattern { get; }

    /// <summary>The regex.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="NotSupportedException">The pattern cannot be matched in linear time.</exception>
    internal Regex Get() => Volatile.Read(ref _regex) ?? Build();

    private Regex Build()
    {
        var built = new Regex(Pattern, Options);
        return Interlocked.CompareExchange(ref _regex, built, null) ?? built;
    }
}
