using Agt;
using Agt.Adapters.ExtensionsAI;
using Agt.Adapters.ExtensionsAI.Embeddings;

namespace Microsoft.Extensions.AI;

/// <summary>Governs embedding generators.</summary>
public static class EmbeddingGeneratorBuilderGovernanceExtensions
{
    /// <summary>
    /// Governs everything below in the pipeline: every request is decided on at <c>pre_model_call</c> with all its inputs, which may be redacted, and at <c>post_model_call</c>. A denial throws
    /// <see cref="GovernanceDeniedException"/>. A pipeline that is governed already stays as it is (spec 08, ADP-230).
    /// </summary>
    /// <remarks>As thread-safe as the generator below. Rules see <c>{model, dimensions, inputs}</c>.</remarks>
    /// <typeparam name="TInput">Texts, or parts of messages (<see cref="AIContent"/>).</typeparam>
    /// <typeparam name="TEmbedding">The embeddings.</typeparam>
    /// <param name="builder">The pipeline.</param>
    /// <param name="governance">Decides; null takes the one registered with <c>services.AddGovernance()</c> in the provider given to <c>Build</c>.</param>
    /// <param name="configure">Sets who acts; whatever else is set has no effect here.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">Inputs of the type cannot be shown to policy.</exception>
    public static EmbeddingGeneratorBuilder<TInput, TEmbedding> UseGovernance<TInput, TEmbedding>(
        this EmbeddingGeneratorBuilder<TInput, TEmbedding> builder, IGovernance? governance = null, Action<ExtensionsAIGovernanceOptions>? configure = null)
        where TEmbedding : Embedding
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!EmbeddingPayload.Supports(typeof(TInput)))
        {
            throw new NotSupportedException($"UseGovernance: inputs of type {typeof(TInput).Name} cannot be shown to policy. Use string, or a type of AIContent.");
        }

        var options = ExtensionsAIGovernanceOptions.Create(configure);
        return builder.Use((inner, services) => inner is GovernedEmbeddingGenerator<TInput, TEmbedding>
            ? inner
            : new GovernedEmbeddingGenerator<TInput, TEmbedding>(inner, governance ?? Sandwich.Require(services), options.ToPrincipal()));
    }
}
