using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agt.Adapters.ExtensionsAI;

/// <summary>Builds a governed client: outer layer, function loop, inner layer, and the client below.</summary>
internal static class Sandwich
{
    /// <summary>The host's governance.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    internal static IGovernance Require(IServiceProvider services) => services.GetService<IGovernance>() ?? throw new InvalidOperationException(
        "UseGovernance: no governance is registered. Call services.AddGovernance() and build the client with that provider, or pass an IGovernance.");

    internal static IChatClient Build(IChatClient inner, IServiceProvider services, IGovernance? governance, ExtensionsAIGovernanceOptions options)
    {
        FunctionInvokingChatClient? loop = inner.GetService<FunctionInvokingChatClient>();
        if (inner is GovernedChatClient)
        {
            return inner;
        }

        governance ??= Require(services);
        if (options.Streaming == StreamingMode.Observe && governance is not Chain.GovernanceEngine { EvaluatesOnly: true })
        {
            throw new InvalidOperationException("UseGovernance: StreamingMode.Observe lets text out before it is decided on, so it needs GovernanceOptions.Mode = GovernanceMode.EvaluateOnly. Use Buffer or Window.");
        }

        var governor = new ChatGovernor(governance, options, services.GetService<TimeProvider>() ?? TimeProvider.System, services.GetService<ApprovalLedger>());
        if (loop is not null && options.ApprovalMode == ApprovalMode.Native)
        {
            throw new InvalidOperationException(
                "UseGovernance: native approval needs the function loop of governance, but the pipeline below has one of its own. Remove UseFunctionInvocation(), or use ApprovalMode.Inline.");
        }

        var model = new GovernedModelClient(inner, governor);
        if (loop is not null)
        {
            return new GovernedChatClient(model, governor, inner, loop);
        }

        var own = new GovernedFunctionInvokingChatClient(model, governor, services.GetService<ILoggerFactory>(), services);
        options.ConfigureFunctionInvocation?.Invoke(own);
        return new GovernedChatClient(own, governor, inner, null);
    }
}
