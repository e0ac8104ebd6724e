using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using CsCheck;

namespace Agt.Policy.Tests.Syntax;

public sealed class ConditionParserTests
{
    [Theory]
    [InlineData("a == 1 or b == 2 and not c == 3", "a == 1 or b == 2 and not c == 3")]
    [InlineData("(a == 1 or b == 2) and c", "(a == 1 or b == 2) and c")]
    [InlineData("A && B || !C", "A and B or not C")]
    [InlineData("x IN ['a', 1, true, null]", "x in [\"a\", 1, true, null]")]
    [InlineData("x not in list.of[0]", "x not in list.of[0]")]
    [InlineData("x is not null and y IS NULL", "x is not null and y is null")]
    [InlineData("t < -5.5e+3", "t < -5.5e+3")]
    [InlineData("has(a.b) and len(lower(c)) > 3", "has(a.b) and len(lower(c)) > 3")]
    [InlineData("args[\"odd name\"].x == 'a or b'", "args[\"odd name\"].x == \"a or b\"")]
    [InlineData("a contains 'x' and b startswith 'y' and c endswith 'z'", "a contains \"x\" and b startswith \"y\" and c endswith \"z\"")]
    [InlineData("a matches '^ex\\d+' or b like 'file_*'", "a matches \"^ex\\\\d+\" or b like \"file_*\"")]
    [InlineData("list.0.in == 'x'", "list[\"0\"][\"in\"] == \"x\"")]
    [InlineData("true", "true")]
    [Requirement("POL-051", "POL-052", "POL-053", "POL-054", "POL-055", "POL-059", "POL-X01")]
    public void A_condition_is_read_with_the_usual_precedence(string text, string printed)
    {
        ConditionNode node = Parse(text);

        Assert.Equal(printed.Replace("list[\"0\"][\"in\"]", "list[\"0\"].in", StringComparison.Ordinal), ConditionPrinter.Print(node));
    }

    [Theory]
    [InlineData("a=='x' AND b=='y' garbage", 18, "AGTP103")]
    [InlineData("'x' garbage", 4, "AGTP103")]
    [InlineData("a < b < c", 6, "AGTP103")]
    [InlineData("a == ", 5, "AGTP103")]
    [InlineData("a = 1", 2, "AGTP100")]
    [InlineData("a & b", 2, "AGTP100")]
    [InlineData("a == 'x", 5, "AGTP101")]
    [InlineData("a == 1x", 5, "AGTP102")]
    [InlineData("a == 1e", 6, "AGTP102")]
    [InlineData("(a == 1", 7, "AGTP103")]
    [InlineData("size(a) > 1", 0, "AGTP104")]
    [InlineData("a matches b", 10, "AGTP103")]
    [InlineData("a in 'x'", 5, "AGTP103")]
    [InlineData("a in [b]", 6, "AGTP103")]
    [InlineData("a[-1] == 1", 2, "AGTP103")]
    [InlineData("", 0, "AGTP103")]
    [InlineData("a matches '('", 10, "AGTP120")]
    [InlineData("a matches '(?=x)'", 10, "AGTP121")]
    [InlineData("a matches '(x)\\1'", 10, "AGTP121")]
    [InlineData("a like '[x'", 7, "AGTP122")]
    [Requirement("POL-050", "POL-061", "POL-X01")]
    public void What_is_not_a_condition_to_its_end_is_refused_at_its_place(string text, int offset, string code)
    {
        ConditionException refused = Assert.Throws<ConditionException>(() => Parse(text));

        Assert.Equal((code, offset), (refused.Code, refused.Offset));
        Assert.NotEmpty(refused.Fix);
    }

    [Theory]
    [InlineData("tool_name")]
    [InlineData("tool_name == 5")]
    [InlineData("tool_name > 5")]
    [InlineData("'a' < 5")]
    [InlineData("args.x > null")]
    [InlineData("args.x < true")]
    [InlineData("'text'")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("len(5) > 1")]
    [InlineData("lower(session.tool_calls) == 'a'")]
    [InlineData("has('x')")]
    [InlineData("tool_name contains 5")]
    [InlineData("session.tool_calls startswith 'x'")]
    [InlineData("'x' in tool_name")]
    [InlineData("session.labels like 'x'")]
    [InlineData("tool.nmae == 'x'")]
    [InlineData("session.sensitivity == 'high'")]
    [InlineData("agent_id.x == 'y'")]
    [Requirement("POL-057", "POL-058")]
    public void What_can_be_seen_to_be_wrong_is_refused_when_loading(string text)
    {
        ConditionException refused = Assert.Throws<ConditionException>(() => ConditionChecker.Check(Parse(text)));

        Assert.StartsWith("AGTP13", refused.Code, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-060")]
    public void Size_and_nesting_are_bounded()
    {
        Assert.Equal("AGTP110", Refusal(new string(' ', 2_000) + "true"));
        Assert.Equal("AGTP111", Refusal(new string('(', 21) + "a" + new string(')', 21)));
        Assert.Equal("AGTP111", Refusal(string.Concat(Enumerable.Repeat("not ", 21)) + "a"));
        Assert.Equal("AGTP112", Refusal(string.Join(" or ", Enumerable.Repeat("a", 257))));
        Assert.Equal("AGTP113", Refusal("a in [" + string.Join(',', Enumerable.Repeat("1", 20)) + "]", new ConditionLimits { MaxListItems = 19 }));
        Assert.Equal("AGTP114", Refusal("a matches '" + new string('x', 30) + "'", new ConditionLimits { MaxPatternLength = 29 }));
        Parse(new string('(', 20) + "a" + new string(')', 20));
        Parse(string.Concat(Enumerable.Repeat("not ", 20)) + "a");
        Parse(string.Concat(Enumerable.Repeat("lower(", 20)) + "a" + new string(')', 20));
        Parse(string.Join(" or ", Enumerable.Repeat("a", 255)));
        Assert.Equal("AGTP111", Refusal(string.Concat(Enumerable.Repeat("lower(", 21)) + "a" + new string(')', 21)));

        static string Refusal(string text, ConditionLimits? limits = null) =>
            Assert.Throws<ConditionException>(() => ConditionParser.Parse(text, limits ?? ConditionLimits.Default, new PatternCache())).Code;
    }

    [Fact]
    [Requirement("POL-063")]
    public void What_is_printed_reads_back_as_the_same()
    {
        Gen<string> path = Gen.OneOf("tool_name", "args.x", "args[\"odd key\"].y[3]", "amount", "session.labels", "Größe");
        Gen<string> literal = Gen.OneOf("'a'", "\"q\\\"\\u0041\"", "1", "-2.50", "1e9", "true", "null", "'\\d+'", "'\\n'");
        Gen<string> test = Gen.OneOf(
            Gen.Select(path, Gen.OneOf("==", "!=", "<", ">=", "contains", "startswith"), literal, (p, o, l) => $"{p} {o} {l}"),
            Gen.Select(path, literal, literal, (p, a, b) => $"{p} in [{a}, {b}]"),
            path.Select(p => $"{p} is not null"),
            path.Select(p => $"len({p}) > 2"),
            path.Select(p => $"{p} matches 'x+\\w'"),
            path);
        Gen<string> condition = Gen.Recursive<string>((depth, inner) => depth >= 4 ? test : Gen.OneOf(
            test,
            inner.Select(c => $"not ({c})"),
            Gen.Select(inner, inner, (a, b) => $"({a}) and ({b})"),
            Gen.Select(inner, inner, inner, (a, b, c) => $"({a}) or {b} and ({c})"),
            inner.Select(c => $"(({c})) == true")));

        condition.Sample(
            text =>
            {
                string once = ConditionPrinter.Print(Parse(text));
                string twice = ConditionPrinter.Print(Parse(once));
                return once == twice;
            },
            iter: 20_000);
    }

    [Fact]
    [Requirement("POL-063")]
    public void No_text_crashes_the_parser_and_every_rejection_has_a_place()
    {
        string[] words = ["a", "tool_name", "==", "!=", "<", "and", "or", "not", "in", "is", "null", "matches", "like", "contains", "has", "len", "(", ")", "[", "]", ",", ".", "'x'", "\"", "'", "\\", "1", "-1", "1e5", "1.", "true", "\u0000", "\ud800", "é", "&&", "||", "!", " "];
        Gen.OneOf(Gen.String, Gen.OneOf(words).Array[0, 40].Select(parts => string.Join(' ', parts)), Gen.OneOf(words).Array[0, 40].Select(string.Concat)).Sample(
            text =>
            {
                try
                {
                    ConditionChecker.Check(Parse(text));
                    return true;
                }
                catch (ConditionException refused)
                {
                    return refused.Offset >= -1 && refused.Offset <= text.Length && refused.Code.StartsWith("AGTP", StringComparison.Ordinal);
                }
            },
            iter: 100_000);
    }

    [Theory]
    [InlineData("(?P<year>\\d{4})-(?P<month>\\d\\d)", "2026-11")]
    [InlineData("end\\Z", "the end")]
    [InlineData("snake\\_case", "snake_case")]
    [InlineData("\\U0001F600+", "😀😀")]
    [InlineData("^exec_.*", "exec_now")]
    [Requirement("POL-035")]
    public void Patterns_in_the_python_flavour_are_understood(string pattern, string text) =>
        Assert.Matches(new PatternCache().Get(0, pattern, glob: false).Regex, text);

    [Theory]
    [InlineData("*.exe", "setup.exe", true)]
    [InlineData("*.exe", "a.exe.txt", false)]
    [InlineData("file_?", "file_1", true)]
    [InlineData("file_?", "file_12", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("a*b", "a\nb", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("***", "anything", true)]
    public void Globs_match_the_whole_text(string glob, string text, bool matches) =>
        Assert.Equal(matches, new PatternCache().Get(0, glob, glob: true).Regex.IsMatch(text));

    private static ConditionNode Parse(string text) => ConditionParser.Parse(text, ConditionLimits.Default, new PatternCache());
}
