using Agt.Adapters.ExtensionsAI.Functions;
using Microsoft.Extensions.DependencyInjection;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class UnwrapTests
{
    private readonly AIFunction _function = AIFunctionFactory.Create(() => 1, "one");

    [Fact]
    [Requirement("ADP-006", "ADP-007", "ADP-C49")]
    public void The_host_gets_back_the_very_object_it_governed()
    {
        using var host = new Host(builder => builder.AllowUnwrapping());
        var model = new ScriptedChatClient();
        IChatClient client = host.Govern(model);
        AIFunction function = _function.WithGovernance(host.Governance);

        Assert.Same(model, client.Unwrap(host.Services));
        Assert.Same(_function, function.Unwrap(host.Services));
        Assert.Same(model, model.Unwrap(host.Services));
        Assert.Same(_function, _function.Unwrap(host.Services));
        Assert.Same(client, client.AsBuilder().UseGovernance().Build(host.Services));
        Assert.Same(function, function.WithGovernance(host.Governance));
    }

    [Fact]
    [Requirement("ADP-007", "ADP-C49", "ADP-C50")]
    public void Without_the_key_of_its_own_host_nothing_is_unwrapped()
    {
        using var host = new Host();
        using var other = new Host(builder => builder.AllowUnwrapping());
        IChatClient client = host.Govern(new ScriptedChatClient());
        AIFunction function = _function.WithGovernance(host.Governance);

        Assert.Contains("AllowUnwrapping", Assert.Throws<InvalidOperationException>(() => client.Unwrap(host.Services)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _function.Unwrap(host.Services));
        Assert.Throws<InvalidOperationException>(() => client.Unwrap(other.Services));
        Assert.Throws<InvalidOperationException>(() => function.Unwrap(other.Services));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-226", "ADP-C50")]
    public async Task The_frameworks_own_approval_is_found_under_and_over_the_wrapper_and_leads_to_nothing_ungoverned(bool over)
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        bool ran = false;
        AIFunction function = AIFunctionFactory.Create(() => ran = true, "one");
        AIFunction both = over
            ? new ApprovalRequiredAIFunction(function.WithGovernance(host.Governance))
            : new ApprovalRequiredAIFunction(function).WithGovernance(host.Governance);

        ApprovalRequiredAIFunction found = both.GetService<ApprovalRequiredAIFunction>()!;
        await found.InvokeAsync();
        await both.InvokeAsync();

        Assert.False(ran);
        Assert.NotNull(found.GetService<GovernedAIFunction>());
        ChatResponse asking = await host.Govern(new ScriptedChatClient(Calls(("c1", "one", [])))).GetResponseAsync("x", new ChatOptions { Tools = [both] });
        Assert.Single(asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>());
    }
}
