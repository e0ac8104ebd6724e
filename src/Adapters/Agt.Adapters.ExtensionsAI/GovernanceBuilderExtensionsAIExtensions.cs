using Agt;
using Agt.Adapters;
using Agt.Adapters.ExtensionsAI;
using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Adapters.ExtensionsAI.Values;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lists the adapter for Microsoft.Extensions.AI.</summary>
public static class GovernanceBuilderExtensionsAIExtensions
{
    /// <summary>
    /// Lists the adapter among the host's <see cref="IGovernanceAdapter"/> services, so that its coverage can be read. It governs nothing by itself: see <c>UseGovernance</c> on the
    /// chat client builder. It also lets all governed clients of the host know of each other's open requests for approval, so that a client may be built anew for every request
    /// (<see cref="ApprovalMode.Native"/>). Calling it twice lists it once.
    /// </summary>
    public static IGovernanceBuilder AddExtensionsAIAdapter(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IGovernanceAdapter, ExtensionsAIAdapter>());
        builder.Services.TryAddSingleton(provider => new ApprovalLedger(new ObjectFreezer(AIJsonUtilities.DefaultOptions), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        return builder;
    }
}
