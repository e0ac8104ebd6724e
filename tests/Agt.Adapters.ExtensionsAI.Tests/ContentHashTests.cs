using Agt.Audit;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>What runs is what somebody looked at (ADP-080, ADP-C45).</summary>
public sealed class ContentHashTests
{
    [Fact]
    [Requirement("ADP-080", "ADP-C45", "ADP-X13")]
    public async Task Calls_carry_the_digest_of_the_function_and_a_function_that_changed_has_another_one()
    {
        using var host = new Host();
        AIFunction read = AIFunctionFactory.Create((string path) => path, "read", "Reads a file.");
        AIFunction governed = read.WithGovernance(host.Governance);
        await governed.InvokeAsync(new AIFunctionArguments { ["path"] = "/a" });

        LoggedRecord decision = Assert.Single(host.Records, record => !record.IsOutcome);
        Assert.False(read.GetContentHash().IsEmpty);
        Assert.Equal(read.GetContentHash(), decision.Template.Tool!.ContentHash);
        Assert.Equal(read.GetContentHash(), governed.GetContentHash());
        Assert.NotEqual(read.GetContentHash(), AIFunctionFactory.Create((string path) => path, "read", "Reads a file.").GetContentHash());
    }
}
