using System.Text.RegularExpressions;
using Agt.Transforms;
using Agt.Values;

namespace Agt.Core.Tests;

public sealed class PatchTests
{
    private const string Source = """{"to":[{"mail":"a@x.org"},{"mail":"b@y.org"}],"n":42,"note":"call 555-12-3456 now","none":null}""";

    [Theory]
    [InlineData("args.note", """{"n":42,"none":null,"note":"[REDACTED]","to":[{"mail":"a@x.org"},{"mail":"b@y.org"}]}""")]
    [InlineData("args.to[1].mail", """{"n":42,"none":null,"note":"call 555-12-3456 now","to":[{"mail":"a@x.org"},{"mail":"[REDACTED]"}]}""")]
    [InlineData("args.to", """{"n":42,"none":null,"note":"call 555-12-3456 now","to":[{"mail":"[REDACTED]"},{"mail":"[REDACTED]"}]}""")]
    [InlineData("args.n", """{"n":"[REDACTED]","none":null,"note":"call 555-12-3456 now","to":[{"mail":"a@x.org"},{"mail":"b@y.org"}]}""")]
    [InlineData("args[\"note\"]", """{"n":42,"none":null,"note":"[REDACTED]","to":[{"mail":"a@x.org"},{"mail":"b@y.org"}]}""")]
    [InlineData("args.missing.deep", """{"n":42,"none":null,"note":"call 555-12-3456 now","to":[{"mail":"a@x.org"},{"mail":"b@y.org"}]}""")]
    public void Redaction_replaces_every_text_below_its_path(string path, string expected) =>
        Assert.Equal(expected, Apply(Patch.Redact(PatchPath.Parse(path))));

    [Fact]
    public void Redaction_by_pattern_replaces_what_it_finds_and_takes_the_replacement_literally()
    {
        var ssn = new Regex(@"\b\d{3}-\d{2}-\d{4}\b", RegexOptions.NonBacktracking);

        Assert.Contains("call $0 now", Apply(Patch.Redact(PatchPath.Parse("args"), ssn, "$0")), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Patch.Redact(PatchPath.Parse("args"), new Regex("a")));
    }

    [Fact]
    public void Set_and_remove_change_one_value_and_add_a_member()
    {
        Assert.Contains("\"n\":1", Apply(Patch.Set(PatchPath.Parse("args.n"), GovernedValue.From(1L))), StringComparison.Ordinal);
        Assert.Contains("\"new\":{\"a\":1}", Apply(Patch.Set(PatchPath.Parse("args.new"), GovernedValue.FromJson("{\"a\":1}"))), StringComparison.Ordinal);
        Assert.DoesNotContain("note", Apply(Patch.Remove(PatchPath.Parse("args.note"))), StringComparison.Ordinal);
        Assert.Contains("\"to\":[{\"mail\":\"b@y.org\"}]", Apply(Patch.Remove(PatchPath.Parse("args.to[0]"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_without_a_parent_fails()
    {
        Assert.Equal(ReasonCodes.TransformInvalid, Assert.Throws<PayloadException>(() => Apply(Patch.Set(PatchPath.Parse("args.x.y"), GovernedValue.From(1L)))).Reason);
        Assert.Throws<PayloadException>(() => Apply(Patch.Set(PatchPath.Parse("args.to[7]"), GovernedValue.From(1L))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tool.name")]
    [InlineData("args.")]
    [InlineData("args[")]
    [InlineData("args[x]")]
    [InlineData("args[\"x]")]
    [InlineData("args..x")]
    public void A_malformed_path_is_refused(string path) => Assert.Throws<FormatException>(() => PatchPath.Parse(path));

    private static string Apply(Patch patch)
    {
        GovernedValue source = GovernedValue.FromJson(Source);
        var arena = new ValueArena(PayloadLimits.Default);
        GovernedValue result = PatchApplier.Apply(arena, source, patch);
        Assert.Equal(CanonicalJson.ToString(GovernedValue.FromJson(Source)), CanonicalJson.ToString(source));
        return CanonicalJson.ToString(result);
    }
}
