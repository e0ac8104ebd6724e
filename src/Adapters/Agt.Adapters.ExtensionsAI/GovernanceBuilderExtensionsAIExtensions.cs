using Agt;
using Agt.Adapters;
using Agt.Adapters.ExtensionsAI;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lists the adapter for Microsoft.Extensions.AI.</summary>
public static class GovernanceBuilderExtensionsAIExtensions
{
    /// <summary>
    /// Lists the adapter among the host's <see cref="IGovernanceAdapter"/> services, so that its coverage can be read. It governs nothing by itself: see <c>UseGovernance</c> on the
    /// chat client builder. Calling it twice lists it once.
    /// </summary>
    public static IGovernanceBuilder AddExtensionsAIAdapter(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IGovernanceAdapter, ExtensionsAIAdapter>());
        return builder;
    }
}
