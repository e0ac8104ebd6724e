using Agt;
using Agt.Policy.ToolHashes;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Pins tools to their content.</summary>
public static class ToolHashGovernanceBuilderExtensions
{
    /// <summary>Denies tools that are not registered or whose content hash is not the registered one.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Registers tools.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddToolHashes(this IGovernanceBuilder builder, Action<ToolHashOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ToolHashOptions();
        configure(options);
        builder.Services.AddSingleton<IInterceptor>(_ => new ToolHashInterceptor(options));
        return builder;
    }
}
