namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class EmbeddingTests
{
    [Fact]
    [Requirement("ADP-230")]
    public async Task Inputs_are_redacted_and_keep_their_number_and_order()
    {
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, _ => Host.Redact("args.inputs[1]", "[0-9]+")));
        var generator = new Generator<string>();

        GeneratedEmbeddings<Embedding<float>> made = await Govern(generator, host).GenerateAsync(["a", "card 4111", "c"], new EmbeddingGenerationOptions { ModelId = "e" });

        Assert.Equal(3, made.Count);
        Assert.Equal(["a", "card [REDACTED]", "c"], generator.Inputs);
        Assert.Equal("embeddings", Assert.Single(host.Decisions(InterventionPoint.PreModelCall)).Template.Operation);
    }

    [Fact]
    [Requirement("ADP-230")]
    public async Task Parts_of_messages_are_redacted_as_well()
    {
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, _ => Host.Redact("args.inputs[0].text")));
        var generator = new Generator<AIContent>();

        await Govern(generator, host).GenerateAsync([new TextContent("secret"), new DataContent(new byte[] { 1 }, "image/png")]);

        Assert.Equal("[REDACTED]", Assert.IsType<TextContent>(generator.Inputs[0]).Text);
        Assert.IsType<DataContent>(generator.Inputs[1]);
    }

    [Theory]
    [InlineData(InterventionPoint.PreModelCall, 0)]
    [InlineData(InterventionPoint.PostModelCall, 1)]
    [Requirement("ADP-230", "ADP-150")]
    public async Task A_denial_throws_with_the_public_text(InterventionPoint point, int calls)
    {
        using var host = new Host(Host.At(point, _ => Host.Deny()));
        var generator = new Generator<string>();

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(() => Govern(generator, host).GenerateAsync(["x"]));

        Assert.DoesNotContain("secret", denied.Message, StringComparison.Ordinal);
        Assert.Equal(calls, generator.Calls);
    }

    [Theory]
    [InlineData("args.inputs", "[\"only one\"]")]
    [InlineData("args.inputs[0]", "{\"a\":1}")]
    [InlineData("args.model", "\"other\"")]
    public async Task A_change_that_cannot_be_carried_over_denies(string path, string json)
    {
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, _ => Host.Set(path, json)));
        var generator = new Generator<string>();

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => Govern(generator, host).GenerateAsync(["a", "b"]));

        Assert.Equal(0, generator.Calls);
    }

    [Fact]
    public async Task A_reply_with_one_vector_too_few_is_withheld()
    {
        using var host = new Host();

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => Govern(new Generator<string> { Missing = 1 }, host).GenerateAsync(["a", "b"]));
    }

    [Fact]
    [Requirement("ADP-068")]
    public async Task Tokens_of_embeddings_count()
    {
        using var host = new Host();
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous), new SessionOptions { Limits = new SessionLimits { MaxTokens = 2 } });
        using GovernanceScope.Scope scope = GovernanceScope.Enter(session);
        IEmbeddingGenerator<string, Embedding<float>> generator = Govern(new Generator<string>(), host);

        await generator.GenerateAsync(["abcd"]);

        Assert.Equal(2, session.Tokens);
        await Assert.ThrowsAsync<GovernanceDeniedException>(() => generator.GenerateAsync(["x"]));
    }

    [Fact]
    [Requirement("ADP-006", "ADP-008")]
    public void Wrapping_twice_is_wrapping_once_and_nothing_ungoverned_comes_out()
    {
        using var host = new Host();
        var inner = new Generator<string>();
        IEmbeddingGenerator<string, Embedding<float>> governed = Govern(inner, host);

        Assert.Same(governed, governed.AsBuilder().UseGovernance().Build(host.Services));
        Assert.Null(governed.GetService<Generator<string>>());
        Assert.Same(governed, governed.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Equal("test", governed.GetService<EmbeddingGeneratorMetadata>()!.ProviderName);
        Assert.Throws<NotSupportedException>(() => new Generator<int>().AsBuilder().UseGovernance());
    }

    private static IEmbeddingGenerator<TInput, Embedding<float>> Govern<TInput>(Generator<TInput> generator, Host host) => generator.AsBuilder().UseGovernance().Build(host.Services);

    private sealed class Generator<TInput> : IEmbeddingGenerator<TInput, Embedding<float>>
    {
        internal List<TInput> Inputs { get; } = [];

        internal int Calls { get; private set; }

        internal int Missing { get; init; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            Inputs.AddRange(values);
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(Inputs.Skip(Missing).Select(_ => new Embedding<float>(new float[] { 1 }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test") : serviceType.IsInstanceOfType(this) ? this : null;

        public void Dispose()
        {
        }
    }
}
