using Agt;
using Agt.Events;
using Agt.Policy;
using Agt.Policy.Limits;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts limits in force that are given as one value.</summary>
public static class GovernancePolicyBuilderExtensions
{
    /// <summary>
    /// Puts a <see cref="GovernancePolicy"/> in force for all agents of the host, beside the policies it may have: whatever one of them denies is denied. Budgets are part of the policy set
    /// that a session keeps. Where it is the only policy, it allows what it does not limit; beside others it allows nothing that they do not. Checkpoints and drift are told by the service <see cref="LimitMonitor"/>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="policy">The limits. Each has to have a name of its own, which no policy of the host has.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddGovernancePolicy(this IGovernanceBuilder builder, GovernancePolicy policy) => builder.AddGovernancePolicy(policy, static _ => { });

    /// <summary>As <see cref="AddGovernancePolicy(IGovernanceBuilder, GovernancePolicy)"/>, and says what drift leads to, where checkpoints are kept and how long calls wait under pressure.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="policy">The limits.</param>
    /// <param name="configure">Sets what the host does about them.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IGovernanceBuilder AddGovernancePolicy(this IGovernanceBuilder builder, GovernancePolicy policy, Action<GovernanceLimitOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(configure);
        var limits = new GovernanceLimitOptions();
        configure(limits);
        limits.Validate();

        // Behind all other policies, and with nothing to say beside them but the budgets: an agent that none of them is for stays denied.
        builder.AddPolicy(static _ => { });
        builder.Services.PostConfigure<PolicyOptions>(options => options.Texts.Add(GovernancePolicyFormat.ToDocument(policy, isAlone: !options.HasPolicies)));
        builder.Services.TryAddSingleton(provider => new LimitMonitor(
            provider.GetService<ILoggerFactory>()?.CreateLogger("Agt.Policy"), provider.GetService<TimeProvider>(), provider.GetServices<IGovernanceObserver>()));
        builder.Services.TryAddSingleton<ICheckpointStore>(_ => new MemoryCheckpointStore());
        builder.Services.AddSingleton<IInterceptor>(provider => new GovernancePolicyInterceptor(
            policy,
            provider.GetRequiredService<LimitMonitor>(),
            provider.GetRequiredService<IOptions<PolicyOptions>>().Value.Mode == PolicyMode.EvaluateOnly,
            limits,
            limits.Checkpoints ?? provider.GetRequiredService<ICheckpointStore>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        return builder;
    }
}
