using System.Text.RegularExpressions;
using CsCheck;
using Agt.Policy.Matching;
using Agt.Policy.Syntax;

namespace Agt.Policy.Tests.Matching;

/// <summary>Our matcher says what the platform's says. A pattern that wrongly does not match would be a way round a rule.</summary>
public sealed class PatternSetTests
{
    private static readonly string[] Atoms =
        ["a", "b", "ab", "k", "K", "\u212a", "s", "i", "\u0130", "_", "-", "1", "\\d", "\\w", "\\s", "\\W", "\\D", "\\S", ".", "\\.", "[a-c]", "[^a]", "[\\w-]", "[^\\s]", "[a-z0-9_]", "[-a]", "[]a]", "\\n", "\\x41", "\\u00e9", "\u00e9", "\u00df", "\u03c3", "\u00b5", "\u01c5", "\u0436", "\u6211", "[\u00e0-\u00ff]", "[\u0430-\u044f]", "\u1e9e", "\\/", "{", "}", "^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", " ", "abc", "select", "kit"];

    private static readonly Gen<string> Patterns = Build();
    private static readonly Gen<string> Texts = Gen.OneOf("a", "b", "c", "A", "B", "k", "K", "\u212a", "s", "S", "\u017f", "i", "I", "\u0130", "\u0131", "_", "-", "1", "9", " ", "\n", "\r", "\t", ".", "/", "{", "\u00e9", "\u00c9", "\u00df", "\u1e9e", "\u03c3", "\u03c2", "\u03a3", "\u00b5", "\u03bc", "\u01c4", "\u01c5", "\u01c6", "\u0436", "\u0416", "\u6211", "\u200d", "\ud83d", "\ude00", "select", "SELECT", "kit", "abc").Array[0, 12].Select(string.Concat);

    [Fact]
    [Requirement("POL-X15", "POL-X16", "POL-035")]
    public void It_agrees_with_the_platform_on_random_patterns_and_texts()
    {
        int compared = 0;
        int ours = 0;
        Gen.Select(Patterns.Array[1, 6], Texts.Array[10, 30]).Sample(
            (sources, texts) =>
            {
                TextPattern[] patterns = [.. sources.Select(Made).OfType<TextPattern>()];
                if (patterns.Length == 0)
                {
                    return;
                }

                var set = new PatternSet(patterns);
                Interlocked.Add(ref ours, patterns.Length - set.LeftToPlatform.Count());
                ulong[] found = new ulong[set.Words];
                Regex[] regexes = [.. patterns.Select(pattern => pattern.Regex)];
                foreach (string text in texts)
                {
                    set.Match(text, found);
                    for (int i = 0; i < patterns.Length; i++)
                    {
                        Assert.True(set.TryGetNumber(patterns[i], out int number));
                        bool said = (found[number >> 6] & (1UL << number)) != 0;
                        Interlocked.Increment(ref compared);
                        if (said != regexes[i].IsMatch(text))
                        {
                            Assert.Fail($"{patterns[i].Translated} on {Regex.Escape(text)}: {said}");
                        }
                    }
                }
            },
            iter: 3_000);
        Assert.True(compared > 100_000, $"{compared}");
        Assert.True(ours > 3_000, $"{ours}");
    }

    [Fact]
    [Trait("Corpus", "policies")]
    [Requirement("POL-X15")]
    public void It_agrees_with_the_platform_on_every_pattern_of_the_large_document()
    {
        TextPattern[] patterns = Atr();
        var set = new PatternSet(patterns);
        Assert.InRange(set.LeftToPlatform.Count(), 0, patterns.Length / 20);
        var random = new Random(7);
        string[] pieces = [.. patterns.SelectMany(pattern => Regex.Matches(pattern.Source, "[A-Za-z]{3,}").Select(match => match.Value)).Distinct(), " ", "\n", ".", "/", "=", "(", "'", "\"", "-", "1", "http://", "\u200b"];
        var regexes = patterns.Select(pattern => new Regex(pattern.Translated, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10))).ToArray();
        ulong[] found = new ulong[set.Words];
        for (int round = 0; round < 80; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(5, 120)).Select(_ => pieces[random.Next(pieces.Length)] + (random.Next(3) == 0 ? string.Empty : " ")));
            set.Match(text, found);
            for (int i = 0; i < patterns.Length; i++)
            {
                set.TryGetNumber(patterns[i], out int number);
                Assert.True(((found[number >> 6] & (1UL << number)) != 0) == regexes[i].IsMatch(text), $"{patterns[i].Translated} on {text}");
            }
        }
    }

    [Fact]
    public void The_one_letter_with_a_third_case_is_known()
    {
        for (char c = 'a'; c <= 'z'; c++)
        {
            var regex = new Regex($"^(?i:{c})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            CharSet cases = CharSet.Of(c).WithCases()!;
            for (int other = 0; other <= char.MaxValue; other++)
            {
                Assert.Equal(regex.IsMatch(((char)other).ToString()), cases.Contains((char)other));
            }
        }
    }

    [Fact]
    public void Texts_that_make_it_forget_are_matched_all_the_same_by_many_threads()
    {
        TextPattern[] patterns = [.. Enumerable.Range(0, 12).Select(i => Made($"[ab]*a[ab]{{{i}}}c")!)];
        var set = new PatternSet(patterns);
        Regex[] regexes = [.. patterns.Select(pattern => pattern.Regex)];
        Parallel.For(0, 8, thread =>
        {
            var random = new Random(thread);
            ulong[] found = new ulong[set.Words];
            for (int round = 0; round < 60; round++)
            {
                string text = string.Concat(Enumerable.Range(0, 400).Select(_ => "abababc"[random.Next(7)]));
                set.Match(text, found);
                for (int i = 0; i < patterns.Length; i++)
                {
                    set.TryGetNumber(patterns[i], out int number);
                    Assert.Equal(regexes[i].IsMatch(text), (found[number >> 6] & (1UL << number)) != 0);
                }
            }
        });
    }

    internal static TextPattern[] Atr()
    {
        string file = Path.Combine(Corpora.Require("policies-agt"), "v4-atr/atr_community_policy_full.yaml");
        PolicyDocument document = Assert.Single(PolicyLoader.Load(file, new PolicyLoadOptions { SkipNonLinearPatterns = true }).Documents);
        return [.. document.Rules.Where(rule => rule.Enabled).Select(rule => rule.Condition).Select(condition => condition is PresentNode present ? present.Test : condition).OfType<PatternNode>().Select(node => node.Pattern).Distinct()];
    }

    private static TextPattern? Made(string source)
    {
        try
        {
            TextPattern pattern = new PatternCache().Get(-1, source, false);
            _ = pattern.Regex;
            return pattern;
        }
        catch (ConditionException)
        {
            return null;
        }
    }

    private static Gen<string> Build()
    {
        Gen<string> atom = Gen.OneOf(Atoms);
        Gen<string> quantified = Gen.Select(atom, Gen.OneOf("", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?")).Select((part, times) => part is "^" or "$" || part.StartsWith("\\b", StringComparison.OrdinalIgnoreCase) || part is "\\A" or "\\z" or "\\Z" ? part : part.Length > 1 && part[0] is not ('\\' or '[') ? $"(?:{part}){times}" : part + times);
        Gen<string> sequence = quantified.Array[1, 4].Select(string.Concat);
        Gen<string> choice = sequence.Array[1, 3].Select(parts => "(" + string.Join('|', parts) + ")");
        Gen<string> whole = Gen.OneOf(sequence, choice, Gen.Select(sequence, choice, sequence).Select((one, two, three) => one + two + three), Gen.Select(choice, Gen.OneOf("*", "+", "?", "{2}")).Select((part, times) => part + times));
        return Gen.Select(Gen.OneOf("", "", "(?i)", "(?i)", "(?m)", "(?s)", "(?im)", "(?i:a)b"), whole).Select((flags, rest) => flags + rest);
    }
}
