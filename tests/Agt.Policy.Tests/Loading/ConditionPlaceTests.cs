namespace Agt.Policy.Tests.Loading;

public sealed class ConditionPlaceTests
{
    /// <summary>How conditions can be written; each has one character that does not belong, @.</summary>
    public static TheoryData<string> Conditions => new(
        """condition: args.x == 5 @""",
        """condition: "args.x == \"a\u0041\x41\\\"\" @" """,
        """condition: "args.x == '\U0001F600\U00000041' @" """,
        """condition: 'args.x == ''it'' @'""",
        "condition: args.x == '😀é' @",
        "condition: |\n  args.x == 5\n\n  and args.y @ 3",
        "condition: |-\n  args.x == 5\n    and args.y @ 3",
        "condition: >-\n  args.x == 5\n  and args.y @ 3",
        "condition: >\n  args.x == 5\n\n\n  and args.y @ 3",
        "condition: args.x == 5\n  and   \n  args.y @ 3",
        "condition: args.x == 5\n\n  and args.y @ 3",
        "condition: \"args.x == 5\n  and\n  args.y @ 3\"",
        "condition: \"args.x == 5 \\\n  and args.y @ 3\"",
        "condition: 'args.x == 5\n\n\n  and ''a'' == args.y @ 3'",
        "condition: {all: [{field: \"args.x\", operator: eq, value: 1}, {field: args.y @, operator: eq, value: 1}]}",
        "conditions: [args.x, \"args.y  @\"]");

    [Theory]
    [MemberData(nameof(Conditions))]
    [Requirement("POL-013", "POL-050")]
    public void A_mistake_in_a_condition_is_placed_in_the_file_however_the_condition_is_written(string condition)
    {
        string[] lines = condition.Split('\n');
        string text = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: r\n    " + string.Join("\n    ", lines) + "\n";

        Assert.Equal(PlaceOfMistake(text), Refused(text));
        string windows = text.Replace("\n", "\r\n", StringComparison.Ordinal);
        Assert.Equal(PlaceOfMistake(windows), Refused(windows));
    }

    [Fact]
    [Requirement("POL-013")]
    public void A_mistake_in_a_condition_is_placed_in_json_too()
    {
        string text = "{\n \"apiVersion\": \"governance.toolkit/v1\", \"name\": \"é😀\", \"agent\": \"*\",\n" +
            """ "rules": [{"name": "😀", "condition": "args.x == \"\u0041\\\\\" @"}]}""";

        Assert.Equal(PlaceOfMistake(text), Refused(text));
    }

    [Fact]
    [Requirement("POL-013")]
    public void A_condition_that_ends_too_early_is_placed_behind_its_end()
    {
        Assert.Equal(new SourcePosition(6, 25), Refused("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: c\n    condition: args.x ==\n"));
    }

    [Fact]
    [Requirement("POL-013")]
    public void A_block_with_an_indentation_of_its_own_is_placed_at_its_beginning()
    {
        Assert.Equal(new SourcePosition(6, 16), Refused("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: c\n    condition: |2\n        args.x @\n"));
    }

    private static SourcePosition PlaceOfMistake(string text)
    {
        string before = text[..text.IndexOf('@', StringComparison.Ordinal)];
        return new SourcePosition(before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    private static SourcePosition Refused(string text) =>
        Assert.Single(PolicyLoader.LoadText(text, "p.yaml").Diagnostics, d => d.Severity == DiagnosticSeverity.Error).Position;
}
