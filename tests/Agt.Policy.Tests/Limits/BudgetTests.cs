using Agt.Policy.Limits;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Limits;

/// <summary>Budgets, as figures and as the chain holds them.</summary>
public sealed class BudgetTests
{
    [Theory]
    [Requirement("POL-215")]
    [InlineData(1500, 1500, false, "tokens: 1500/1500", "1")]
    [InlineData(1501, 1500, true, "tokens: 1501/1500", "1.001")]
    [InlineData(0, 1500, false, "tokens: 0/1500", "0")]
    [InlineData(1, 3, false, "tokens: 1/3", "0.333")]
    [InlineData(0, 0, false, "tokens: 0/0", "1")]
    [InlineData(1, 0, true, "tokens: 1/0", "1")]
    [InlineData(7, null, false, "tokens: 7", null)]
    public void A_budget_is_exceeded_by_more_than_it_is(int used, int? most, bool exceeded, string text, string? utilization)
    {
        var use = new BudgetUse("tokens", used, most);
        Assert.Equal(exceeded, use.IsExceeded);
        Assert.Equal(text, use.ToString());
        Assert.Equal(utilization, use.Utilization?.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    [Requirement("POL-215")]
    public void Amounts_of_money_are_exact() => Assert.Equal("cost_usd: 0.3/0.3", new BudgetUse("cost_usd", 0.1m + 0.20m, 0.30m).ToString());

    [Fact]
    [Requirement("POL-215")]
    public async Task A_session_says_what_it_has_used_and_refuses_what_would_be_more()
    {
        var services = new ServiceCollection();
        services.AddGovernance().AddPolicyText("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n");
        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        var principal = new Principal(AgentId.Parse("agent-1"));
        await using GovernanceSession session = await governance.OpenSessionAsync(principal, new SessionOptions { Limits = new SessionLimits { MaxTokens = 1_500, MaxToolCalls = 2 } });
        session.ReportTokens(1_500);
        Assert.Empty(SessionBudgets.ExceededBy(session));
        session.ReportTokens(1);
        Assert.Equal(["tokens: 1501/1500"], SessionBudgets.ExceededBy(session).Select(use => use.ToString()));

        var template = new ActionTemplate(InterventionPoint.PreModelCall, "chat", principal, null, "tests");
        await using GovernedOperation operation = await governance.AuthorizeAsync(new GovernedAction(template, session, GovernedValue.From("hi")));
        Assert.Equal(ReasonCodes.MaxTokens, operation.Decision.Reason);
        Assert.Equal(["tokens: 1501/1500", "tool_calls: 0/2", "model_calls: 0"], SessionBudgets.UseOf(session).Select(use => use.ToString()));
    }
}
