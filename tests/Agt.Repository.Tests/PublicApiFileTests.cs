using Agt.Docs;

namespace Agt.Repository.Tests;

public sealed class PublicApiFileTests
{
    private const string Log = """
        { "runs": [ { "results": [
          { "ruleId": "RS0016", "message": { "text": "Symbol 'b'" }, "properties": { "customProperties": { "APIName": "b.B() -> void" } } },
          { "ruleId": "RS0016", "message": { "text": "Symbol 'A'" }, "properties": { "customProperties": { "APIName": "A" } } },
          { "ruleId": "RS0016", "message": { "text": "Symbol 'S'" }, "suppressions": [ {} ], "properties": { "customProperties": { "APIName": "S" } } },
          { "ruleId": "CA1000", "message": { "text": "other" } },
          { "ruleId": "RS0017", "message": { "text": "Symbol 'Gone.X(char c = '\\'') -> void' is part of the declared API, but could not be found" } }
        ] } ] }
        """;

    [Fact]
    public void Lines_are_the_members_the_analyzer_misses_in_ordinal_order() =>
        Assert.Equal("#nullable enable\nA\nb.B() -> void\n", PublicApiFile.Render(PublicApiFile.Findings(Log, "RS0016")));

    [Fact]
    public void A_shipped_member_that_has_gone_is_named() =>
        Assert.Equal([@"Gone.X(char c = '\'') -> void"], PublicApiFile.Findings(Log, "RS0017"));

    [Fact]
    public void A_shipped_member_that_has_gone_is_never_written_off()
    {
        string project = Directory.CreateTempSubdirectory("agt-api-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(project, "obj"));
            File.WriteAllText(Path.Combine(project, PublicApiFile.LogPath), Log);
            using var output = new StringWriter();

            Assert.Equal(1, PublicApiFile.Update(project, output));
            Assert.False(File.Exists(Path.Combine(project, PublicApiFile.FileName)));
            Assert.Contains("Gone.X", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(project, recursive: true);
        }
    }
}
