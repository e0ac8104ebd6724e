namespace Agt.Repository.Tests;

public sealed class ReasonCodePageTests
{
    [Fact]
    public void The_page_lists_exactly_the_registry()
    {
        string[] listed = [.. Repository.Read("docs/reason-codes.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|').Skip(1).Take(3).Select(cell => cell.Trim())))];

        Assert.Equal(ReasonCodes.All.Values.Select(code => $"`{code.Code}`|{code.Category}|{code.PublicMessage}").Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }
}
