using Agt.Adapters;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

/// <summary>What the contract promises to adapters whatever they do.</summary>
public sealed class ContractTests
{
    [Fact]
    [Requirement("ADP-022")]
    public void There_are_eight_points_and_no_others() => Assert.Equal(
        ["agent_startup", "input", "pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "output", "agent_shutdown"],
        Enum.GetValues<InterventionPoint>().Select(point => point.WireName()));

    [Fact]
    [Requirement("ADP-021", "ADP-C05")]
    public async Task What_is_printed_of_actions_and_decisions_shows_the_tool_and_the_outcome_and_no_argument()
    {
        using var chain = new ChainFixture(new TestInterceptor("no") { Before = ChainTests.OnTool(_ => Verdict.Deny(ReasonCodes.RuleDenied)) });
        GovernanceSession session = await chain.OpenAsync();
        GovernedAction action = chain.Call(session);
        await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(action);
        Assert.Contains("Deny", operation.Decision.ToString(), StringComparison.Ordinal);
        Assert.Equal("Files.Delete", action.Template.Tool!.ToString());
        Assert.DoesNotContain("/data/a", $"{operation.Decision} {action} {action.Payload}", StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-030", "ADP-031", "ADP-X16")]
    public async Task A_new_session_has_used_nothing_and_an_id_of_its_own()
    {
        using var chain = new ChainFixture(new TestInterceptor("silent"));
        GovernanceSession one = await chain.OpenAsync();
        GovernanceSession other = await chain.OpenAsync();
        Assert.Equal((0, 0, 0L, 0, false), (one.ToolCalls, one.ModelCalls, one.Tokens, one.Labels.Count, one.IsClosed));
        Assert.NotEqual(one.Id, other.Id);
        Assert.Equal(7, Guid.ParseExact(one.Id.Value, "D").Version);
        await using GovernanceSession named = await chain.Governance.OpenSessionAsync(new Principal(AgentId.Parse("other")), new SessionOptions { Id = one.Id });
        Assert.Equal(one.Id, named.Id);
        Assert.Equal(chain.Time.GetTimestamp(), one.StartedAt);
    }

    [Fact]
    [Requirement("ADP-005")]
    public async Task A_host_without_policy_and_limits_has_the_default_limits()
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("silent"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        await using GovernanceSession session = await provider.GetRequiredService<IGovernance>().OpenSessionAsync(ChainFixture.Agent);
        Assert.Equal((10, 4_096L, TimeSpan.FromSeconds(300)), (session.Limits.MaxToolCalls, session.Limits.MaxTokens, session.Limits.Duration));
    }

    [Theory]
    [Requirement("ADP-003")]
    [InlineData(nameof(GovernanceOptions.EvaluationTimeout))]
    [InlineData(nameof(GovernanceOptions.SessionIdleTimeout))]
    [InlineData(nameof(GovernanceOptions.MaxSessions))]
    [InlineData(nameof(GovernanceOptions.MaxStoppedActions))]
    [InlineData(nameof(GovernanceOptions.MaxApprovalsPerMinute))]
    public void An_option_out_of_range_stops_the_host_and_is_named(string option)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options =>
        {
            options.RequirePolicy = false;
            switch (option)
            {
                case nameof(GovernanceOptions.EvaluationTimeout):
                    options.EvaluationTimeout = TimeSpan.Zero;
                    break;
                case nameof(GovernanceOptions.SessionIdleTimeout):
                    options.SessionIdleTimeout = TimeSpan.Zero;
                    break;
                case nameof(GovernanceOptions.MaxSessions):
                    options.MaxSessions = 0;
                    break;
                case nameof(GovernanceOptions.MaxStoppedActions):
                    options.MaxStoppedActions = 0;
                    break;
                default:
                    options.MaxApprovalsPerMinute = 0;
                    break;
            }
        }).AddInterceptor(new TestInterceptor("silent"));
        using ServiceProvider provider = services.BuildServiceProvider();
        Exception refused = Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<IGovernance>());
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-010")]
    public void Adapters_are_found_by_name_and_a_name_is_given_once()
    {
        var registry = new AdapterRegistry([new Adapter("b"), new Adapter("a")]);
        Assert.Equal(["a", "b"], registry.Names);
        Assert.Equal("a", registry["a"].Descriptor.Name);
        Assert.Contains("a, b", Assert.Throws<KeyNotFoundException>(() => registry["c"]).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new AdapterRegistry([new Adapter("a"), new Adapter("a")]));
        Assert.Throws<InvalidOperationException>(() => new AdapterRegistry([new Adapter(" ")]));
        Assert.Throws<ArgumentException>(() => new AdapterRegistry([null!]));
    }

    [Theory]
    [Requirement("ADP-025", Partial = "rules of the policy languages compare names as they are; lists know aliases")]
    [InlineData("ba\u0455h", false)]
    [InlineData("\u0440ay.send", false)]
    [InlineData("p\u03b1y", false)]
    [InlineData("bash", true)]
    [InlineData("Stra\u00dfe.L\u00f6schen", true)]
    [InlineData("\u041e\u0442\u0447\u0451\u0442.send", true)]
    [InlineData("mcp:files/read_file", true)]
    public void A_name_that_looks_like_another_one_is_no_name(string name, bool isName) =>
        Assert.Equal(isName, Record.Exception(() => new ToolIdentity(name)) is null);

    private sealed class Adapter(string name) : IGovernanceAdapter
    {
        public AdapterDescriptor Descriptor { get; } = new()
        {
            Name = name, Framework = "f", PackageId = "p", MinVersion = "1.0", TestedVersions = ["1.0"], Points = [InterventionPoint.Input], Capabilities = AdapterCapabilities.None,
        };
    }
}
