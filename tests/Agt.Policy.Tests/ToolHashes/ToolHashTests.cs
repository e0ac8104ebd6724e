using Agt.Policy.ToolHashes;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.ToolHashes;

public sealed class ToolHashTests
{
    private static readonly Digest Reviewed = Digest.Of("reviewed"u8);

    [Theory]
    [Requirement("POL-183", "ADP-081", "ADP-082", "ADP-X13")]
    [InlineData("t", "reviewed", true, VerdictOutcome.Allow)]
    [InlineData("t", "changed", true, VerdictOutcome.Deny)]
    [InlineData("t", null, true, VerdictOutcome.Deny)]
    [InlineData("unknown", "reviewed", true, VerdictOutcome.Deny)]
    [InlineData("t", "changed", false, VerdictOutcome.Deny)]
    [InlineData("t", null, false, VerdictOutcome.Deny)]
    [InlineData("unknown", "reviewed", false, VerdictOutcome.Warn)]
    public async Task A_tool_runs_only_with_the_content_that_was_registered(string tool, string? content, bool strict, VerdictOutcome outcome)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddGovernance().AddPolicyText("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n")
            .AddToolHashes(options => options.Register("t", Reviewed).IsStrict = strict);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        var principal = new Principal(AgentId.Parse("a"));
        await using GovernanceSession session = await governance.OpenSessionAsync(principal);
        Digest hash = content is null ? default : Digest.Of(System.Text.Encoding.UTF8.GetBytes(content));
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity(tool, contentHash: hash), "tests");
        GovernedResult<string> result = await governance.InvokeAsync(new GovernedAction(template, session, default), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
        Assert.Equal(outcome, result.Decision.Outcome);
        Assert.Equal(outcome != VerdictOutcome.Deny, result.Executed);
    }

    [Fact]
    [Requirement("ADP-083")]
    public async Task A_record_shows_twelve_characters_of_a_hash_and_the_model_none()
    {
        var services = new ServiceCollection();
        services.AddGovernance().AddPolicyText("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n").AddToolHashes(options => options.Register("t", Reviewed));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        var principal = new Principal(AgentId.Parse("a"));
        await using GovernanceSession session = await governance.OpenSessionAsync(principal);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("t", contentHash: Digest.Of("changed"u8)), "tests");
        await using GovernedOperation operation = await governance.AuthorizeAsync(new GovernedAction(template, session, default));
        Assert.Contains(Reviewed.ToString()[7..19], operation.Decision.Detail.Explanation, StringComparison.Ordinal);
        Assert.DoesNotContain(Reviewed.ToString()[7..20], operation.Decision.Detail.Explanation, StringComparison.Ordinal);
        Assert.Equal("Tool not permitted by governance policy.", operation.Decision.PublicMessage);
    }

    [Fact]
    [Requirement("POL-183", "ADP-084")]
    public void A_tool_has_one_hash()
    {
        ToolHashOptions options = new ToolHashOptions().Register("t", Reviewed).Register("t", Reviewed);
        Assert.Throws<ArgumentException>(() => options.Register("t", Digest.Of("other"u8)));
        Assert.Throws<ArgumentException>(() => options.Register("u", default));
    }
}
