using System.Text.RegularExpressions;

namespace Agt.Repository.Tests;

public sealed class ReasonCodePageTests
{
    [Fact]
    public void The_page_lists_exactly_the_registry()
    {
        string[] listed = [.. Repository.Read("docs/reason-codes.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal) && !line.StartsWith("| `policy:", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|').Skip(1).Take(3).Select(cell => cell.Trim())))];

        Assert.Equal(ReasonCodes.All.Values.Select(code => $"`{code.Code}`|{code.Category}|{code.PublicMessage}").Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    /// <summary>The codes of the policy module, on the page and in the code.</summary>
    [Fact]
    public void Every_code_of_the_policy_module_is_on_the_page_and_no_other()
    {
        HashSet<string> written = [.. Repository.Files("src/Modules/Agt.Policy", ".cs").SelectMany(file => Regex.Matches(Repository.Read(file), "\"(policy:[a-z_]+)\"").Select(match => match.Groups[1].Value))];
        HashSet<string> listed = [.. Regex.Matches(Repository.Read("docs/reason-codes.md"), "`(policy:[a-z_]+)`").Select(match => match.Groups[1].Value)];
        Assert.Equal(written.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }
}
