using Agt;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the host unwrap what it governed.</summary>
public static class UnwrapGovernanceBuilderExtensions
{
    /// <summary>Gives the host an <see cref="UnwrapKey"/>. Without it nothing that was governed can be unwrapped (spec 08, ADP-007).</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AllowUnwrapping(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(provider => new UnwrapKey(provider.GetRequiredService<IGovernance>()));
        return builder;
    }
}
