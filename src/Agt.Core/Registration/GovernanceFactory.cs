using Agt.Approvals;
using Agt.Audit;
using Agt.Chain;
using Agt.Events;
using Agt.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Microsoft.Extensions.Options;

namespace Agt;

/// <summary>Puts the chain together from the host's services.</summary>
internal static class GovernanceFactory
{
    internal static IGovernance Create(IServiceProvider services)
    {
        GovernanceOptions options = services.GetRequiredService<IOptions<GovernanceOptions>>().Value;
        GovernanceRuntime runtime = services.GetRequiredService<GovernanceRuntime>();
        ILogger logger = runtime.Logger;
        GovernanceClock clock = runtime.Clock;
        IPolicySource[] sources = [.. services.GetServices<IPolicySource>()];
        if (sources.Length > 1)
        {
            throw new InvalidOperationException("Governance: more than one policy source is registered. Register one; it may hold many policies.");
        }

        IInterceptor[] interceptors = [.. services.GetServices<IInterceptor>()];
        if (sources.Length == 1 && !Array.Exists(interceptors, interceptor => interceptor.Stage == InterceptorStage.Policy))
        {
            throw new InvalidOperationException("Governance: a policy source is registered, but no interceptor of stage Policy reads it.");
        }

        var approvals = new ApprovalGate(services.GetService<IApprovalBroker>(), new ApprovalTicketSealer(), clock, options.ApprovalTimeout,
            options.MaxApprovalsPerMinute is { } most ? new ApprovalFatigue(clock, most) : null, logger);
        IDecisionLog log = services.GetRequiredService<IDecisionLog>();
        var chain = new InterceptorChain(
            interceptors, services.GetServices<IGovernanceObserver>(), options, services.GetService<GovernanceMonitor>()?.Watch(log) ?? log, approvals,
            services.GetRequiredService<GovernanceTelemetry>(), clock, runtime.Sessions, runtime.Signals, logger);
        IPolicySource? policies = sources.Length == 1 ? sources[0] : null;

        // Loading the policy now makes a broken one stop the host instead of the first call.
        _ = policies?.Current;
        return new GovernanceEngine(chain, policies, services.GetService<ISessionResolver>());
    }
}
