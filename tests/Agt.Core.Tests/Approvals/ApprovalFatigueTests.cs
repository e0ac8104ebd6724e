using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Approvals;

/// <summary>Who is asked too often no longer looks (ADP-118).</summary>
public sealed class ApprovalFatigueTests
{
    [Fact]
    [Requirement("ADP-118")]
    public async Task Over_the_threshold_an_agent_is_refused_unasked_and_others_are_not()
    {
        int asked = 0;
        using var chain = new ChainFixture(
            options =>
            {
                options.RequirePolicy = false;
                options.MaxApprovalsPerMinute = 2;
            },
            builder => builder.AddApprovals((request, _) =>
            {
                asked++;
                return new(request.Approve("ann"));
            }),
            new TestInterceptor("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate("big", [])) });

        var answers = new List<bool>();
        for (int i = 0; i < 4; i++)
        {
            answers.Add((await chain.RunAsync()).IsAllowed);
        }

        Assert.Equal([true, true, false, false], answers);
        Assert.Equal(2, asked);
        Assert.Equal("system:fatigue_detector", chain.Records[^1].Approver);
        Assert.Equal(ReasonCodes.ApprovalDenied, chain.Records[^1].Decision!.Reason);

        var other = new Principal(AgentId.Parse("billing-2"));
        GovernanceSession session = await chain.Governance.OpenSessionAsync(other);
        var tool = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", other, new ToolIdentity("Files.Delete"), "test");
        GovernedOperation operation = await chain.Governance.AuthorizeAsync(new GovernedAction(tool, session, ChainFixture.Arguments));
        Assert.True(operation.IsAllowed);
        await operation.DisposeAsync();

        chain.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.True((await chain.RunAsync()).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-120")]
    public async Task A_callback_that_says_no_denies()
    {
        using var chain = new ChainFixture(builder => builder.AddApprovals((request, _) => new(request.Reject("ann"))), new TestInterceptor("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate("big", [])) });
        Assert.Equal("Human approval denied.", (await chain.RunAsync()).Decision.PublicMessage);
    }
}
