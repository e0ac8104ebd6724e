using System.Text.RegularExpressions;

namespace Agt.Policy.Matching;

/// <summary>Which characters are the same when case does not matter. Candidates come from the casing of the platform, and its own engine says which of them count, so that both always agree.</summary>
internal static class LetterCases
{
    private static readonly Lazy<ILookup<char, char>> ByFold = new(() => Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => Fold(c) != c).ToLookup(Fold));
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<char, char[]> Known = new();

    /// <summary>Lower case; the sign for Kelvin is a k.</summary>
    internal static char Fold(char c) => c < 128 ? (c is >= 'A' and <= 'Z' ? (char)(c + 32) : c) : c == '\u212a' ? 'k' : char.ToLowerInvariant(c);

    /// <summary>The characters beside itself that fold to a folded one.</summary>
    internal static IEnumerable<char> FoldingTo(char folded) => ByFold.Value[folded];

    /// <summary>The character and all that equal it when case does not matter.</summary>
    internal static char[] Of(char c)
    {
        if (Known.TryGetValue(c, out char[]? known))
        {
            return known;
        }

        char upper = char.ToUpperInvariant(c);
        char[] candidates = [.. new[] { c, upper, Fold(c), Fold(upper) }.Concat(FoldingTo(Fold(c))).Concat(FoldingTo(Fold(upper))).Distinct()];
        char[] cases = [c];
        if (candidates.Length > 1)
        {
            var regex = new Regex($"^(?i:\\u{(int)c:x4})$", RegexOptions.CultureInvariant);
            cases = [.. candidates.Where(candidate => regex.IsMatch(candidate.ToString()))];
        }

        return Known.Count < 4_096 ? Known.GetOrAdd(c, cases) : cases;
    }
}
