using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class IdempotencyTests
{
    private static readonly ToolIdentity Pay = new("Bank.Pay", effects: ToolEffects.Irreversible, idempotencyArgument: "key");

    [Fact]
    public async Task The_same_call_has_the_same_key_however_often_it_is_tried_and_whatever_the_model_wrote()
    {
        using var fixture = new ChainFixture(builder => builder.AddIdempotencyKeys());
        GovernanceSession session = await fixture.OpenAsync();
        string first = await KeyAsync(fixture, session, "call-1", """{"amount":7}""");
        Assert.Matches("^agt-[0-9a-f]{32}$", first);
        Assert.Equal(first, await KeyAsync(fixture, session, "call-1", """{"amount":7}"""));
        Assert.Equal(first, await KeyAsync(fixture, session, "call-1", """{"amount":7,"key":"mine"}"""));
        Assert.Equal(first, await KeyAsync(fixture, session, "call-1", $$"""{"amount":7,"key":"{{first}}"}"""));
        Assert.NotEqual(first, await KeyAsync(fixture, session, "call-2", """{"amount":7}"""));
        Assert.NotEqual(first, await KeyAsync(fixture, await fixture.OpenAsync(), "call-1", """{"amount":7}"""));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "call-1")]
    public async Task A_call_without_an_id_and_a_tool_without_a_key_are_left_alone(bool declared, string? call)
    {
        using var fixture = new ChainFixture(builder => builder.AddIdempotencyKeys());
        GovernanceSession session = await fixture.OpenAsync();
        Assert.Equal("""{"amount":7}""", await RunAsync(fixture, session, declared ? Pay : new ToolIdentity("Bank.Pay"), call, """{"amount":7}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("key\u200b")]
    public void An_argument_that_is_no_name_is_refused(string argument) => Assert.Throws<ArgumentException>(() => new ToolIdentity("Bank.Pay", idempotencyArgument: argument));

    [Fact]
    public void What_tools_do_is_declared_by_name_or_by_its_beginning()
    {
        var options = new Options();
        options.Tools["Orders.*"] = new ToolDeclaration(ToolEffects.Reads);
        options.Tools["orders.refund"] = new ToolDeclaration(ToolEffects.Irreversible, "key");
        options.Tools["Orders.Re*"] = new ToolDeclaration(ToolEffects.Writes);
        Assert.Equal(ToolEffects.Reads, options.DeclarationOf("Orders.Find")!.Effects);
        Assert.Equal("key", options.DeclarationOf("Orders.Refund")!.IdempotencyArgument);
        Assert.Equal(ToolEffects.Writes, options.DeclarationOf("ORDERS.Return")!.Effects);
        Assert.Null(options.DeclarationOf("Files.Delete"));
        Assert.Null(new Options().DeclarationOf("Orders.Find"));
    }

    private static async Task<string> KeyAsync(ChainFixture fixture, GovernanceSession session, string call, string arguments) =>
        System.Text.Json.JsonDocument.Parse(await RunAsync(fixture, session, Pay, call, arguments)).RootElement.GetProperty("key").GetString()!;

    private static async Task<string> RunAsync(ChainFixture fixture, GovernanceSession session, ToolIdentity tool, string? call, string arguments)
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", ChainFixture.Agent, tool, "test");
        GovernedResult<string> result = await fixture.Governance.InvokeAsync(
            new GovernedAction(template, session, GovernedValue.FromJson(arguments), callId: call), 0, static (_, operation, _) => new ValueTask<string>(CanonicalJson.ToString(operation.Payload)), TextCodec.Instance, TestContext.Current.CancellationToken);
        Assert.True(result.IsAllowed, result.Decision.ToString());
        return result.Value!;
    }

    private sealed class Options : AdapterOptions;
}
