using System.Text.Json;

namespace Agt.Cli.Tests;

/// <summary>How policies are loaded: the options that every command has.</summary>
public sealed class ProfileTests : IDisposable
{
    private const string WarnFirst = "name: p\ndefaults: {action: allow}\nrules:\n  - {name: w, condition: 'true', action: warn, priority: 9}\n  - {name: d, condition: 'true', action: deny}\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("strict", false)]
    [InlineData("agent-os-1.0", true)]
    public async Task The_profile_of_the_original_ends_at_the_first_match(string profile, bool allowed)
    {
        string path = _folder.Write("p.yaml", WarnFirst);
        CliRun run = await CliRun.WithInput("""{"tool":"t"}""", "policy", "eval", "-p", path, "--input", "-", "--profile", profile);
        Assert.Equal(allowed, JsonDocument.Parse(Assert.Single(run.Lines)).RootElement.GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task A_pattern_that_is_not_linear_refuses_the_file_unless_it_may_be_skipped()
    {
        string path = _folder.Write("p.yaml", "name: p\ndefaults: {action: allow}\nrules:\n  - name: r\n    condition: {field: text, operator: matches, value: 'a(?!b)'}\n    action: deny\n");
        Assert.Equal(1, (await CliRun.WithInput(string.Empty, "policy", "validate", path)).Code);
        CliRun skipped = await CliRun.WithInput(string.Empty, "policy", "validate", path, "--skip-non-linear");
        Assert.Equal(ExitCode.Success, skipped.Code);
        Assert.Contains("AGTP048", skipped.Output + skipped.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_are_read_out_of_arguments_as_a_host_reads_them()
    {
        string path = _folder.Write("p.yaml", "name: p\ndefaults: {action: deny}\nrules:\n  - {name: read, condition: \"sql.verb == 'SELECT'\", action: allow}\n");
        CliRun run = await CliRun.WithInput(
            """
            {"tool":"db","args":{"sql":{"query":"SELECT 1"}}}
            {"tool":"db","args":{"sql":{"query":"SELECT 1; DROP TABLE t","verb":"SELECT"}}}
            {"tool":"db","args":{"sql":{"query":[1]}}}
            """, "policy", "eval", "-p", path, "--batch", "-");
        Assert.Equal([true, false, false], run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("allowed").GetBoolean()));
    }
}
