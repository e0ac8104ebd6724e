using System.Reflection;
using Agt.Tools;
using Agt.Values;

namespace Agt.Core.Tests;

public sealed class ToolContentTests
{
    [Fact]
    [Requirement("ADP-080")]
    public void The_digest_is_that_of_the_specification() => Assert.Equal(
        "sha256:1e6c3dd39178f5c753b2546a915a7df6ed9a5b68803f057f6e52707ca587d067",
        ToolContent.Compute("echo", "Echo text", GovernedValue.FromJson("""{"type":"object","properties":{"s":{"type":"string"}},"required":["s"]}"""), GovernedValue.Null, "mcp:local").ToString());

    [Fact]
    [Requirement("ADP-080")]
    public void Methods_have_names_of_their_own_that_stay()
    {
        MethodBase one = typeof(ToolContentTests).GetMethod(nameof(Methods_have_names_of_their_own_that_stay))!;
        MethodBase other = typeof(ToolContentTests).GetMethod(nameof(The_digest_is_that_of_the_specification))!;
        Assert.Equal(ToolContent.OfMethod(one), ToolContent.OfMethod(one));
        Assert.NotEqual(ToolContent.OfMethod(one), ToolContent.OfMethod(other));
        Assert.StartsWith("Agt.Core.Tests|" + one.Module.ModuleVersionId, ToolContent.OfMethod(one), StringComparison.Ordinal);
    }
}
