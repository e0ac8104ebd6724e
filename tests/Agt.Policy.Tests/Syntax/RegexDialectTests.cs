using System.Text.RegularExpressions;
using Agt.Policy.Syntax;
using CsCheck;

namespace Agt.Policy.Tests.Syntax;

public sealed class RegexDialectTests
{
    [Theory]
    [InlineData("^a{,2}$", "aa", true)]
    [InlineData("^a{,2}$", "aaa", false)]
    [InlineData("^a{,2}$", "a{,2}", false)]
    [InlineData("^a{2,}$", "aaa", true)]
    [InlineData("^a{2}$", "aa", true)]
    [InlineData("a{x}", "a{x}", true)]
    [InlineData("^[[:alpha:]]$", "a]", true)]
    [InlineData("^[[:alpha:]]$", "b", false)]
    [InlineData("[(?P<x]", "P", true)]
    [InlineData("^[]a]$", "]", true)]
    [InlineData("^[^]a]$", "]", false)]
    [InlineData("^[\\]a]$", "]", true)]
    [InlineData("^😀{2}$", "😀😀", true)]
    [InlineData("^\\😀?$", "", true)]
    [InlineData("^[😀-😂x]+$", "😁x😂", true)]
    [InlineData("^[😀-😂x]+$", "😃", false)]
    [InlineData("^[\\U0001F600-\\U0001F602]$", "😁", true)]
    [InlineData("^[\\U00010000-\\U0010FFFF]$", "😁", true)]
    [InlineData("^[\\U00010000-\\U0010FFFF]$", "a", false)]
    [InlineData("^[a-😀]$", "😀", true)]
    [InlineData("^[a-😀]$", "z", true)]
    [InlineData("^[a-😀]$", "😂", false)]
    [InlineData("^[\\U00000061-c]$", "b", true)]
    [InlineData("^(?P<x>a)(?i:B)(?#a [ comment (?=)c$", "abc", true)]
    [InlineData("(?i)DROP\\s+table", "drop TABLE", true)]
    [InlineData("^[\\w.-]+$", "a-b.c", true)]
    [InlineData("line\\Z", "line\n", false)]
    [InlineData("a*?b+?", "aab", true)]
    [Requirement("POL-035", "POL-061")]
    public void Patterns_mean_what_their_authors_flavour_says(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new PatternCache().Get(0, pattern, glob: false).Regex.IsMatch(text));

    [Theory]
    [InlineData("a(?=b)", "lookahead, (?= at its character 2,")]
    [InlineData("a(?!b)", "negative lookahead, (?! at its character 2,")]
    [InlineData("(?<=b)a", "lookbehind, (?<= at its character 1,")]
    [InlineData("(?<!b)a", "negative lookbehind, (?<! at its character 1,")]
    [InlineData("(?>b)a", "an atomic group, (?> at its character 1,")]
    [InlineData("(x)\\1", "a backreference, \\1 at its character 4,")]
    [InlineData("(?P<n>x)(?P=n)", "a backreference, (?P= at its character 9,")]
    [InlineData("(?<n>x)\\k<n>", "a backreference, \\k at its character 8,")]
    [InlineData("(x)(?(1)a|b)", "a conditional, (?( at its character 4,")]
    [InlineData("(?<a>x)(?<b-a>y)", "a balancing group, (?<a-b> at its character 8,")]
    [InlineData("\\Gx", "the end of the last match, \\G at its character 1,")]
    [InlineData("x*+", "a possessive repeat, *+ at its character 3,")]
    [InlineData("x{1,2}+", "a possessive repeat, }+ at its character 7,")]
    [Requirement("POL-061")]
    public void What_has_no_linear_match_is_refused_by_its_name(string pattern, string named)
    {
        ConditionException refused = Assert.Throws<ConditionException>(() => new PatternCache().Get(7, pattern, glob: false));

        Assert.Equal(("AGTP121", 7), (refused.Code, refused.Offset));
        Assert.Equal($"The pattern uses {named} which cannot be matched in linear time.", refused.Message);
    }

    [Theory]
    [InlineData("(", "AGTP120", "The pattern is malformed: insufficient closing parentheses at its character 1.")]
    [InlineData("[z-a]", "AGTP120", "The pattern is malformed: reversed character range at its character 4.")]
    [InlineData("[a", "AGTP120", "The pattern is malformed: unterminated bracket at its character 2.")]
    [InlineData("[😂-😀]", "AGTP123", "A range in a set of characters ends before it begins, at character 2 of the pattern.")]
    [InlineData("[^😀]", "AGTP123", "A set that begins with ^ holds a character beyond U+FFFF, at character 1 of the pattern.")]
    [InlineData("[a-z-[aeiou]]", "AGTP123", "-[ in a set of characters is a subtraction to some and a range to others, at character 5 of the pattern.")]
    [InlineData("(?x) a", "AGTP123", "The pattern sets the flag x, in which blanks and # have no meaning of their own.")]
    [InlineData("(?:a{100}){1000}", "AGTP124", "The pattern is too large for an engine that matches in linear time: its counted repeats multiply.")]
    [Requirement("POL-061")]
    public void Patterns_that_are_malformed_or_ambiguous_are_refused(string pattern, string code, string message)
    {
        ConditionException refused = Assert.Throws<ConditionException>(() => new PatternCache().Get(0, pattern, glob: false));

        Assert.Equal((code, message), (refused.Code, refused.Message));
        Assert.NotEmpty(refused.Fix);
    }

    [Theory]
    [InlineData("[z-a]")]
    [InlineData("[x")]
    [InlineData("[")]
    public void Globs_that_are_malformed_are_refused(string glob) =>
        Assert.Equal("AGTP122", Assert.Throws<ConditionException>(() => new PatternCache().Get(0, glob, glob: true)).Code);

    [Theory]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[a^]x", "^x", true)]
    [InlineData("[^a]x", "bx", false)]
    [InlineData("[\\d]x", "dx", true)]
    public void Sets_in_globs_know_no_escapes(string glob, string text, bool matches) =>
        Assert.Equal(matches, new PatternCache().Get(0, glob, glob: true).Regex.IsMatch(text));

    [Fact]
    public void An_expression_is_constructed_when_it_is_first_asked_for()
    {
        var cache = new PatternCache();
        TextPattern pattern = cache.Get(0, "a+b", glob: false);

        Assert.False(pattern.IsConstructed);
        Assert.Same(pattern.Regex, cache.Get(3, "a+b", glob: false).Regex);
        Assert.True(pattern.Regex.Options.HasFlag(RegexOptions.NonBacktracking));
    }

    /// <summary>A set of characters beyond the first plane becomes a group, and behind <c>(?</c> that would be a condition.</summary>
    [Theory]
    [InlineData("(?[😀-😂a])")]
    [InlineData("(?😀)")]
    [InlineData("(?i[😀-😂])")]
    [InlineData("(?*a)")]
    public void A_group_of_no_kind_is_refused(string source) =>
        Assert.Equal("AGTP120", Assert.Throws<ConditionException>(() => new PatternCache().Get(0, source, glob: false)).Code);

    [Fact]
    [Requirement("POL-061", "POL-063")]
    public void What_is_accepted_can_always_be_constructed()
    {
        string[] parts = ["a", "b", ".", "\\d", "\\w", "\\b", "[a-c]", "[^x]", "(", "(", ")", ")", "(?:", "(?P<n>", "(?i)", "|", "*", "+", "?", "{2}", "{,3}", "{2,4}", "{9}", "^", "$", "\\Z", "\\1", "😀", "[😀-😂a]", "]", "[", "{", "}", "-", "\\", "(?=", "(?#x)", "(?", "\\G", "\\_"];
        int accepted = 0;
        Gen.OneOf(parts).Array[1, 9].Select(string.Concat).Sample(
            source =>
            {
                try
                {
                    TextPattern pattern = new PatternCache().Get(0, source, glob: false);
                    pattern.Regex.IsMatch("aab12😀");
                    Interlocked.Increment(ref accepted);
                    return true;
                }
                catch (ConditionException refused)
                {
                    return refused.Code.StartsWith("AGTP12", StringComparison.Ordinal);
                }
            },
            iter: 20_000);

        Assert.True(accepted > 2_000, $"Only {accepted} patterns were accepted, so the test says little.");
    }
}
