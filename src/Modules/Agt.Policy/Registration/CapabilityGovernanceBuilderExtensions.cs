using Agt;
using Agt.Policy.Capabilities;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes tools need capabilities.</summary>
public static class CapabilityGovernanceBuilderExtensions
{
    /// <summary>
    /// Denies calls of tools whose capabilities the agent has not been granted, before any rule. Grants are in the service <see cref="CapabilityRegistry"/>: register one of your own, or fill the
    /// one that this adds.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Says what tools need, e.g. <c>needs => needs.Require("crm.*", "read:crm")</c>.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddCapabilities(this IGovernanceBuilder builder, Action<CapabilityOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new CapabilityOptions();
        configure(options);
        builder.Services.TryAddSingleton(provider => new CapabilityRegistry(provider.GetService<TimeProvider>()));
        var descriptor = ServiceDescriptor.Singleton<IInterceptor>(provider => new CapabilityInterceptor(provider.GetRequiredService<CapabilityRegistry>(), options));
        ServiceDescriptor? first = builder.Services.FirstOrDefault(service => service.ServiceType == typeof(IInterceptor));
        builder.Services.Insert(first is null ? builder.Services.Count : builder.Services.IndexOf(first), descriptor);
        return builder;
    }
}
