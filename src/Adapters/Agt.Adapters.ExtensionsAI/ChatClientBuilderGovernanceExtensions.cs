using Agt;
using Agt.Adapters.ExtensionsAI;

namespace Microsoft.Extensions.AI;

/// <summary>Governs chat clients.</summary>
public static class ChatClientBuilderGovernanceExtensions
{
    /// <summary>
    /// Governs everything below in the pipeline: input and output of every request, every call of the model, and every function the model asks for. Where the pipeline below has no
    /// function-invoking client, one is added (add none of your own). A pipeline that is governed already stays as it is.
    /// </summary>
    /// <remarks>
    /// The client is as thread-safe as those below it. Streams are held back until they are decided on. Put it first, and leave function invocation to it: a
    /// <see cref="FunctionInvokingChatClient"/> further down is governed as well (its functions, and input and output of each turn), but its single model calls are then seen as one.
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="governance">Decides; null takes the one registered with <c>services.AddGovernance()</c> in the provider given to <see cref="ChatClientBuilder.Build"/>.</param>
    /// <param name="configure">Sets who acts and how denials are told.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ChatClientBuilder UseGovernance(
        this ChatClientBuilder builder, IGovernance? governance = null, Action<ExtensionsAIGovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = ExtensionsAIGovernanceOptions.Create(configure);
        return builder.Use((inner, services) => Sandwich.Build(inner, services, governance, options));
    }
}
