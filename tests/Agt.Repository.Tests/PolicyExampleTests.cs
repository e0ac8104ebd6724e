using System.Text.RegularExpressions;
using Agt.Policy;
using Agt.Policy.Acs;

namespace Agt.Repository.Tests;

public sealed class PolicyExampleTests
{
    public static TheoryData<string> Pages => [.. Repository.Files("", ".md").Where(page => Blocks(page).Count > 0)];

    public static TheoryData<string> PolicyFiles => [.. Repository.Files("samples", ".yaml")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_policy_on_a_page_loads(string page)
    {
        foreach (string block in Blocks(page))
        {
            PolicyLoadResult result = PolicyLoader.LoadText(block, page);
            Assert.True(result.IsSuccess, string.Join('\n', result.Diagnostics));
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(PolicyFiles))]
    public void Every_policy_of_a_sample_loads(string file)
    {
        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(Repository.Root, file));
        Assert.Empty(result.Diagnostics);
    }

    [Fact]
    public void Every_manifest_on_a_page_loads()
    {
        string[] manifests = [.. Repository.Files("", ".md").SelectMany(page => Yaml(page)).Where(text => text.Contains("agent_control_specification_version:", StringComparison.Ordinal))];
        Assert.NotEmpty(manifests);
        Assert.All(manifests, manifest => AcsManifestLoader.LoadText(manifest).GetManifest());
    }

    internal static List<string> Blocks(string page) => [.. Yaml(page).Where(text => text.Contains("apiVersion:", StringComparison.Ordinal))];

    private static IEnumerable<string> Yaml(string page) => Regex.Matches(Repository.Read(page), "```yaml\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value);
}
