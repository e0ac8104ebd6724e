using Agt.Approvals;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Attacks;

public sealed class ConsoleAttacks
{
    [Theory]
    [InlineData(5_000, true)]
    [InlineData(70_000, false)]
    public async Task A_person_is_shown_all_of_the_arguments_or_is_not_asked(int padding, bool approved)
    {
        using var input = new StringReader("y\n");
        await using var output = new StringWriter();
        using var broker = new ConsoleApprovalBroker(input, output, "alice");
        using var chain = new ChainFixture(
            builder => builder.AddApprovals(broker), new TestInterceptor("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate()) });
        GovernanceSession session = await chain.OpenAsync();
        var arguments = GovernedValue.FromJson("{\"a\":\"" + new string('x', padding) + "\",\"z\":\"rm -rf /\\u001b[2J\"}");

        GovernedResult<string> result = await chain.Governance.InvokeAsync(
            chain.Call(session, arguments), 0, static (_, _, _) => new ValueTask<string>("ran"), TextCodec.Instance);

        Assert.Equal(approved, result.Executed);
        Assert.Equal(approved, output.ToString().Contains("rm -rf /", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b", output.ToString());
    }
}
