using Agt;
using Agt.Policy.Facets;
using Agt.Policy.Intents;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Holds agents to what they declared.</summary>
public static class IntentGovernanceBuilderExtensions
{
    /// <summary>
    /// Denies tool calls that the approved intent of their session does not plan (POL-199), beside the policies of the host. Intents are declared and approved at the service
    /// <see cref="IntentRegistry"/>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="required">Whether a session without an intent may call nothing (the default), or is left to the policies.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddIntents(this IGovernanceBuilder builder, bool required = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(provider => new IntentRegistry(provider.GetService<TimeProvider>()));
        builder.Services.TryAddSingleton(provider => new FacetReader(provider.GetRequiredService<IOptions<FacetOptions>>().Value));
        builder.Services.AddSingleton<IInterceptor>(provider => new IntentInterceptor(provider.GetRequiredService<IntentRegistry>(), provider.GetRequiredService<FacetReader>(), required));
        return builder;
    }
}
