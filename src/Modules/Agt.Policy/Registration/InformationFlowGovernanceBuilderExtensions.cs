using Agt;
using Agt.Policy.InformationFlow;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds rules about how information flows through a session.</summary>
public static class InformationFlowGovernanceBuilderExtensions
{
    /// <summary>
    /// A session that has read private data and has taken in untrusted content may not send anything out without approval. Tools say by <see cref="ToolEffects"/> what they do; what says
    /// nothing is taken to do all three. See docs/information-flow.md.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Declares what tools do, names approvers, or changes labels.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">A label is empty, or both are the same.</exception>
    public static IGovernanceBuilder AddInformationFlow(this IGovernanceBuilder builder, Action<InformationFlowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new InformationFlowOptions();
        configure?.Invoke(options);
        if (string.IsNullOrWhiteSpace(options.PrivateLabel) || string.IsNullOrWhiteSpace(options.UntrustedLabel) || options.PrivateLabel == options.UntrustedLabel)
        {
            throw new ArgumentException("Information flow: PrivateLabel and UntrustedLabel must be set and differ.", nameof(configure));
        }

        builder.Services.AddSingleton<IInterceptor>(_ => new InformationFlowInterceptor(options));
        return builder;
    }
}
