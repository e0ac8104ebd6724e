using System.Text.RegularExpressions;
using Agt.Policy.Testing;

namespace Agt.Repository.Tests;

/// <summary>Every policy of the cookbook decides as the page says.</summary>
public sealed partial class CookbookTests
{
    private const string Page = "docs/cookbook.md";

    public static TheoryData<string> Recipes => [.. Recipe().Matches(Repository.Read(Page)).Select(match => match.Groups["title"].Value)];

    [Fact]
    public void There_are_twenty() => Assert.Equal(20, Recipes.Count);

    [Theory]
    [MemberData(nameof(Recipes))]
    public async Task A_recipe_decides_as_its_cases_say(string title)
    {
        Match recipe = Recipe().Matches(Repository.Read(Page)).Single(match => match.Groups["title"].Value == title);
        await using var policy = PolicyTestHost.FromText(recipe.Groups["policy"].Value);
        string[] cases = recipe.Groups["cases"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(cases);
        foreach (string line in cases)
        {
            Match parts = Case().Match(line);
            Assert.True(parts.Success, line);
            string[] by = parts.Groups["by"].Success ? parts.Groups["by"].Value.Split('/') : ["agent"];
            PolicyCall call = policy.Tool(parts.Groups["tool"].Value).With(parts.Groups["arguments"].Value).By(by[0], by.ElementAtOrDefault(1), by.ElementAtOrDefault(2));
            call = parts.Groups["result"].Success ? call.Returning(parts.Groups["result"].Value) : call;
            call = parts.Groups["labels"].Success ? call.InSessionLabelled(parts.Groups["labels"].Value.Split(',')) : call;
            PolicyOutcome outcome = await call.DecideAsync();
            _ = parts.Groups["what"].Value switch
            {
                "allow" => outcome.ShouldBeAllowed(),
                "deny" => outcome.ShouldBeDenied(),
                "warn" => outcome.ShouldBeWarned(),
                "ask" => outcome.ShouldNeedApproval().ShouldBeDenied(because: "approval_denied"),
                _ => outcome.ShouldRunWith(parts.Groups["changed"].Value),
            };
        }
    }

    [GeneratedRegex("^## (?<title>[^\n]+)\n\n[^\n]+\n\n```yaml\n(?<policy>.*?)```\n\n```cases\n(?<cases>.*?)```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Recipe();

    [GeneratedRegex("^(?<what>allow|deny|warn|ask|run) (?<tool>\\S+) (?<arguments>\\{.*?\\})( => (?<changed>\\{.*\\}))?( -> (?<result>.*?))?( by (?<by>\\S+))?( labels (?<labels>\\S+))?$")]
    private static partial Regex Case();
}
