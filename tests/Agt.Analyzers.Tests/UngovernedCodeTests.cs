namespace Agt.Analyzers.Tests;

/// <summary>What a model could call past governance is found and mended (ADP-012, ADP-211).</summary>
public sealed class UngovernedCodeTests
{
    private const string AutoGen = """
        namespace AutoGen.Core
        {
            public class FunctionCallMiddleware
            {
                public FunctionCallMiddleware(IDictionary<string, Func<string, Task<string>>>? functionMap = null) { }
            }
        }

        public static class Maps
        {
            public static IDictionary<string, Func<string, Task<string>>> WithGovernance(this IDictionary<string, Func<string, Task<string>>> map, IGovernance governance) => map;
        }

        """;

    [Theory]
    [Requirement("ADP-012", "ADP-211")]
    [InlineData("void M(KernelFunction f) { var options = new ChatOptions { Tools = [f] }; }", "f")]
    [InlineData("void M(KernelFunction f) { AIFunction tool = f; }", "f")]
    [InlineData("async Task M(KernelFunction f) { await f.InvokeAsync(new AIFunctionArguments()); }", "f")]
    [InlineData("void M(KernelPlugin p) { var options = new ChatOptions { Tools = new List<AITool> { p[\"a\"] } }; }", "p[\"a\"]")]
    public async Task AGT0301_a_kernel_function_that_runs_without_its_kernel(string members, string found) =>
        Assert.Equal([("AGT0301", found)], await AnalyzedCode.FindAsync(members));

    [Theory]
    [Requirement("ADP-012")]
    [InlineData("async Task M(KernelFunction f, Kernel k) { await f.InvokeAsync(k); await k.InvokeAsync(f); }")]
    [InlineData("void M(KernelFunction f, IGovernance g) { var options = new ChatOptions { Tools = [f.WithGovernance(g)] }; }")]
    [InlineData("void M(KernelFunction f) { KernelFunction other = f; object any = f; }")]
    public async Task AGT0301_says_nothing_of_functions_that_stay_in_a_kernel_or_are_governed(string members) => Assert.Empty(await AnalyzedCode.FindAsync(members));

    [Theory]
    [Requirement("ADP-012")]
    [InlineData("void M() { var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, \"a\")] }; }", "AIFunctionFactory.Create(() => 1, \"a\")")]
    [InlineData("void M() { var f = AIFunctionFactory.Create(() => 1, \"a\"); var options = new ChatOptions { Tools = [f] }; }", "f")]
    [InlineData("void M() { var options = new ChatOptions(); options.Tools = new List<AITool> { AIFunctionFactory.Create(() => 1, \"a\") }; }", "AIFunctionFactory.Create(() => 1, \"a\")")]
    [InlineData("void M(ChatOptions options) { options.Tools!.Add(AIFunctionFactory.Create(() => 1, \"a\")); }", "AIFunctionFactory.Create(() => 1, \"a\")")]
    public async Task AGT0302_a_tool_that_nobody_governs(string members, string found) => Assert.Equal([("AGT0302", found)], await AnalyzedCode.FindAsync(members));

    [Theory]
    [Requirement("ADP-012")]
    [InlineData("void M(IGovernance g) { var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, \"a\").WithGovernance(g)] }; }")]
    [InlineData("void M(IGovernance g) { var f = AIFunctionFactory.Create(() => 1, \"a\").WithGovernance(g); var options = new ChatOptions { Tools = [f] }; }")]
    [InlineData("void M(AIFunction elsewhere) { var options = new ChatOptions { Tools = [elsewhere] }; }")]
    [InlineData("void M() { List<AITool> unused = [AIFunctionFactory.Create(() => 1, \"a\")]; }")]
    [InlineData("void M(IChatClient c, IGovernance g) { c.AsBuilder().UseGovernance(g); var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, \"a\")] }; }")]
    public async Task AGT0302_says_nothing_of_tools_that_are_governed_or_come_from_elsewhere(string members) => Assert.Empty(await AnalyzedCode.FindAsync(members));

    [Fact]
    [Requirement("ADP-012")]
    public async Task AGT0303_a_function_map_that_runs_past_the_middleware()
    {
        const string map = "new Dictionary<string, Func<string, Task<string>>>()";
        Assert.Equal([("AGT0303", map)], await AnalyzedCode.FindAsync($"void M() {{ new AutoGen.Core.FunctionCallMiddleware({map}); }}", AutoGen));
        Assert.Equal([("AGT0303", "map")], await AnalyzedCode.FindAsync($"void M() {{ var map = {map}; new AutoGen.Core.FunctionCallMiddleware(functionMap: map); }}", AutoGen));
        Assert.Empty(await AnalyzedCode.FindAsync($"void M(IGovernance g) {{ new AutoGen.Core.FunctionCallMiddleware({map}.WithGovernance(g)); new AutoGen.Core.FunctionCallMiddleware(null); new AutoGen.Core.FunctionCallMiddleware(); }}", AutoGen));
    }

    [Theory]
    [Requirement("ADP-012")]
    [InlineData(
        "void M(IGovernance g) { var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, \"a\")] }; }",
        "void M(IGovernance g) { var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, \"a\").WithGovernance(g)] }; }")]
    [InlineData(
        "readonly IGovernance _g = null!; void M(KernelFunction f) { var options = new ChatOptions { Tools = [f] }; }",
        "readonly IGovernance _g = null!; void M(KernelFunction f) { var options = new ChatOptions { Tools = [f.WithGovernance(_g)] }; }")]
    [InlineData(
        "async Task M(KernelFunction f, IGovernance g) { await f.InvokeAsync(new AIFunctionArguments()); }",
        "async Task M(KernelFunction f, IGovernance g) { await f.WithGovernance(g).InvokeAsync(new AIFunctionArguments()); }")]
    [InlineData(
        "void M(IGovernance g) { new AutoGen.Core.FunctionCallMiddleware(new Dictionary<string, Func<string, Task<string>>>()); }",
        "void M(IGovernance g) { new AutoGen.Core.FunctionCallMiddleware(new Dictionary<string, Func<string, Task<string>>>().WithGovernance(g)); }")]
    public async Task The_fix_wraps_with_the_governance_that_is_in_reach(string before, string after) => Assert.Equal(after, await AnalyzedCode.FixAsync(before, AutoGen));

    [Theory]
    [InlineData("readonly IGovernance _g = null!; static void M(KernelFunction f) { AIFunction tool = f; }")]
    [InlineData("void M(KernelFunction f) { AIFunction tool = f; IGovernance later = null!; }")]
    public async Task Where_no_governance_is_in_reach_no_fix_is_offered(string members) => Assert.Equal(members, await AnalyzedCode.FixAsync(members));
}
