using Agt.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Adapters.ExtensionsAI.Tests.Providers;

/// <summary>The clients of real providers against servers that speak like theirs.</summary>
public sealed class ProviderTests
{
    private readonly List<string> _deleted = [];

    private ChatOptions Options => new() { Tools = [AIFunctionFactory.Create((string path) => { _deleted.Add(path); return "deleted"; }, "delete")] };

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("ollama")]
    [Requirement("ADP-231", "ADP-220")]
    public async Task A_round_with_a_tool_is_governed(string provider)
    {
        ProviderShape shape = ProviderShape.Of(provider);
        await using LocalServer server = await LocalServer.StartAsync(shape.Call, shape.Text);
        using var host = new Host();

        ChatResponse response = await Govern(shape, server, host).GetResponseAsync("delete it", Options, TestContext.Current.CancellationToken);

        Assert.Equal("all gone", response.Text.Trim());
        Assert.Equal(["/data/a"], _deleted);
        Assert.Equal([shape.Path, shape.Path], server.Requests.Select(request => request.Path));
        Assert.Contains("deleted", server.Requests.Last().Body, StringComparison.Ordinal);
        Assert.Single(host.Decisions(InterventionPoint.Input));
        Assert.Equal(2, host.Decisions(InterventionPoint.PreModelCall).Count);
        Assert.Equal("delete", Assert.Single(host.Decisions(InterventionPoint.PreToolCall)).Template.Tool!.Name);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("ollama")]
    [Requirement("ADP-231", "ADP-222")]
    public async Task A_denied_call_does_not_run_and_the_provider_is_told_no_more_than_the_public_text(string provider)
    {
        ProviderShape shape = ProviderShape.Of(provider);
        await using LocalServer server = await LocalServer.StartAsync(shape.Call, shape.Text);
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));

        await Govern(shape, server, host).GetResponseAsync("delete it", Options, TestContext.Current.CancellationToken);

        Assert.Empty(_deleted);
        string told = server.Requests.Last().Body;
        Assert.Contains("Denied by governance policy. (decision ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", false)]
    [InlineData("openai", true)]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    [InlineData("ollama", false)]
    [InlineData("ollama", true)]
    [Requirement("ADP-231", "ADP-130")]
    public async Task A_stream_is_let_out_whole_or_not_at_all(string provider, bool denied)
    {
        ProviderShape shape = ProviderShape.Of(provider);
        await using LocalServer server = await LocalServer.StartAsync(shape.Stream);
        using var host = new Host(Host.At(InterventionPoint.Output, _ => denied ? Host.Deny() : default));

        ChatResponse response = await Govern(shape, server, host).GetStreamingResponseAsync("x", Options, TestContext.Current.CancellationToken)
            .ToChatResponseAsync(TestContext.Current.CancellationToken);

        Assert.Equal(denied, response.FinishReason == ChatFinishReason.ContentFilter);
        Assert.Equal(!denied, response.Text.Contains("all gone", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("ollama")]
    [Requirement("ADP-231", "ADP-225")]
    public async Task A_native_approval_goes_to_the_person_and_back(string provider)
    {
        ProviderShape shape = ProviderShape.Of(provider);
        await using LocalServer server = await LocalServer.StartAsync(shape.Call, shape.Text);
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Verdict.Escalate()));
        IChatClient client = shape.Client(server.Address).AsBuilder().UseGovernance(null, options => options.ApprovalMode = ApprovalMode.Native).Build(host.Services);
        List<ChatMessage> history = [new(ChatRole.User, "delete it")];
        ChatResponse asking = await client.GetResponseAsync(history, Options, TestContext.Current.CancellationToken);
        Assert.Empty(_deleted);
        ToolApprovalRequestContent request = Assert.Single(asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>());

        ChatResponse done = await client.GetResponseAsync(
            [.. history, .. asking.Messages, new(ChatRole.User, [request.CreateResponse(true)])], Options, TestContext.Current.CancellationToken);

        Assert.Equal(["/data/a"], _deleted);
        Assert.Equal("all gone", done.Messages[^1].Text.Trim());
        Assert.DoesNotContain(request.RequestId, string.Concat(server.Requests.Select(sent => sent.Body)), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-231")]
    public async Task Clients_of_a_container_are_governed_by_name_and_without()
    {
        var log = new InMemoryDecisionLog();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("silent")).UseDecisionLog(log);
        services.AddChatClient(new ScriptedChatClient(ScriptedChatClient.Says("plain"))).UseGovernance();
        services.AddKeyedChatClient("fast", new ScriptedChatClient(ScriptedChatClient.Says("keyed"))).UseGovernance(null, options => options.Agent = AgentId.Parse("fast-1"));
        services.AddKeyedEmbeddingGenerator("texts", new NoEmbeddings()).UseGovernance();
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal("plain", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal("keyed", (await provider.GetRequiredKeyedService<IChatClient>("fast").GetResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken)).Text);
        await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("texts").GenerateAsync([], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(
            ["anonymous:chat", "fast-1:chat", "anonymous:embeddings"],
            log.Snapshot().Where(record => !record.IsOutcome && record.Template.Point == InterventionPoint.PreModelCall)
                .Select(record => record.Template.Principal.Agent.Value + ":" + record.Template.Operation));
    }

    private static IChatClient Govern(ProviderShape shape, LocalServer server, Host host) => shape.Client(server.Address).AsBuilder().UseGovernance().Build(host.Services);

    private sealed class NoEmbeddings : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>());

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
