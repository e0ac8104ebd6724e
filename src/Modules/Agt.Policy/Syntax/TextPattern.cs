using System.Text.RegularExpressions;

namespace Agt.Policy.Syntax;

/// <summary>
/// A pattern that was found to be sound when it was read. Its regular expression takes milliseconds to construct, so it is constructed when it is first asked for.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TextPattern
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private readonly Lazy<Regex> _regex;

    internal TextPattern(string source, bool isGlob, string translated)
    {
        Source = source;
        IsGlob = isGlob;
        Translated = translated;
        _regex = new Lazy<Regex>(() => new Regex(Translated, IsGlob ? Options | RegexOptions.Singleline : Options));
    }

    /// <summary>What the policy says.</summary>
    internal string Source { get; }

    /// <summary>Whether it is a glob.</summary>
    internal bool IsGlob { get; }

    /// <summary>The regular expression in the flavour of .NET.</summary>
    internal string Translated { get; }

    /// <summary>Whether the regular expression has been constructed.</summary>
    internal bool IsConstructed => _regex.IsValueCreated;

    /// <summary>Constructs the regular expression now; what is wrong with it shows when it is asked for.</summary>
    internal void TryConstruct()
    {
        try
        {
            _ = _regex.Value;
        }
        catch (NotSupportedException)
        {
            // Kept by the Lazy, and thrown again where the pattern decides: there it is an error, and an error denies.
        }
    }

    /// <summary>The regular expression, linear in time.</summary>
    internal Regex Regex => _regex.Value;
}
