using Agt;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Embeddings;
using Agt.Adapters.ExtensionsAI.Functions;

namespace Microsoft.Extensions.AI;

/// <summary>Gives the host back what it governed (spec 08, ADP-006, ADP-007).</summary>
public static class GovernanceUnwrapExtensions
{
    /// <summary>The very client that was governed; a client that is not governed comes back as it is.</summary>
    /// <param name="client">The client.</param>
    /// <param name="host">The host's services, with an <see cref="UnwrapKey"/>.</param>
    /// <exception cref="InvalidOperationException">The host has no key, or that of another governance.</exception>
    public static IChatClient Unwrap(this IChatClient client, IServiceProvider host)
    {
        ArgumentNullException.ThrowIfNull(client);
        UnwrapKey key = UnwrapKey.Of(host);
        return client is GovernedChatClient governed ? governed.Unwrap(key) : client;
    }

    /// <summary>The very function that was governed; a function that is not governed comes back as it is.</summary>
    /// <param name="function">The function.</param>
    /// <param name="host">The host's services, with an <see cref="UnwrapKey"/>.</param>
    /// <exception cref="InvalidOperationException">The host has no key, or that of another governance.</exception>
    public static AIFunction Unwrap(this AIFunction function, IServiceProvider host)
    {
        ArgumentNullException.ThrowIfNull(function);
        UnwrapKey key = UnwrapKey.Of(host);
        return function is GovernedAIFunction governed ? governed.Unwrap(key) : function;
    }

    /// <summary>The very generator that was governed; one that is not governed comes back as it is.</summary>
    /// <typeparam name="TInput">Its inputs.</typeparam>
    /// <typeparam name="TEmbedding">Its embeddings.</typeparam>
    /// <param name="generator">The generator.</param>
    /// <param name="host">The host's services, with an <see cref="UnwrapKey"/>.</param>
    /// <exception cref="InvalidOperationException">The host has no key, or that of another governance.</exception>
    public static IEmbeddingGenerator<TInput, TEmbedding> Unwrap<TInput, TEmbedding>(this IEmbeddingGenerator<TInput, TEmbedding> generator, IServiceProvider host)
        where TEmbedding : Embedding
    {
        ArgumentNullException.ThrowIfNull(generator);
        UnwrapKey key = UnwrapKey.Of(host);
        return generator is GovernedEmbeddingGenerator<TInput, TEmbedding> governed ? governed.Unwrap(key) : generator;
    }
}
