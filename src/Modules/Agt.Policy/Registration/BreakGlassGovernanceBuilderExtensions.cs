using System.Diagnostics.Metrics;
using Agt;
using Agt.Policy.BreakGlass;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets policy be overridden in an emergency, by two people, for a while.</summary>
public static class BreakGlassGovernanceBuilderExtensions
{
    /// <summary>Adds the service <see cref="BreakGlass"/>, in which grants are activated. See docs/break-glass.md.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Authorises at least two people.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">A key cannot be read, or a person or key is named twice.</exception>
    public static IGovernanceBuilder AddBreakGlass(this IGovernanceBuilder builder, Action<BreakGlassOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new BreakGlassOptions();
        configure(options);
        builder.Services.TryAddSingleton(provider => new BreakGlass(options, provider.GetService<TimeProvider>(), provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>()));
        return builder;
    }
}
