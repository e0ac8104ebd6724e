using Agt;
using Agt.Approvals;
using Agt.Audit;
using Agt.Events;
using Agt.Monitoring;
using Agt.Sessions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds governance to a host.</summary>
public static class GovernanceServiceCollectionExtensions
{
    /// <summary>
    /// Adds the interceptor chain (<see cref="IGovernance"/>, a singleton). Add a policy to what it returns: without one every action is denied. Add an audit log too: without one a host in production does not start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options; validated when the host starts.</param>
    public static IGovernanceBuilder AddGovernance(this IServiceCollection services, Action<GovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<GovernanceOptions> options = services.AddOptions<GovernanceOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GovernanceOptions>, GovernanceOptionsValidator>());
        services.TryAddSingleton<AdapterRegistry>();
        services.TryAddSingleton<GovernanceTelemetry>();
        services.TryAddSingleton<InMemoryDecisionLog>(_ => new InMemoryDecisionLog());
        services.TryAddSingleton<IDecisionLog>(provider => provider.GetRequiredService<InMemoryDecisionLog>());
        services.TryAddSingleton<GovernanceRuntime>();
        services.TryAddSingleton(provider => provider.GetRequiredService<GovernanceRuntime>().Signals);
        services.TryAddSingleton(GovernanceFactory.Create);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GovernanceStartup>());
        return new GovernanceBuilder(services);
    }

    /// <summary>Adds an interceptor. It runs by its stage, then in the order of registration.</summary>
    public static IGovernanceBuilder AddInterceptor(this IGovernanceBuilder builder, IInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(interceptor);
        builder.Services.AddSingleton(interceptor);
        return builder;
    }

    /// <summary>Adds an interceptor that the container makes.</summary>
    public static IGovernanceBuilder AddInterceptor<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(
        this IGovernanceBuilder builder)
        where TInterceptor : class, IInterceptor
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IInterceptor, TInterceptor>();
        return builder;
    }

    /// <summary>
    /// Sets the idempotency key of calls to tools that declare an argument for one (<see cref="ToolDeclaration.IdempotencyArgument"/>): the same call has the same key however often it is tried, whatever the model wrote there. A call
    /// without an id of its own is left as it is.
    /// </summary>
    /// <param name="builder">The builder.</param>
    public static IGovernanceBuilder AddIdempotencyKeys(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IInterceptor, Agt.Tools.IdempotencyKeys>());
        return builder;
    }

    /// <summary>Sets who is asked when a rule requires approval; replaces an earlier one.</summary>
    public static IGovernanceBuilder AddApprovals(this IGovernanceBuilder builder, IApprovalBroker broker)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(broker);
        builder.Services.Replace(ServiceDescriptor.Singleton(broker));
        return builder;
    }

    /// <summary>Sets a callback as the one who is asked when a rule requires approval.</summary>
    public static IGovernanceBuilder AddApprovals(this IGovernanceBuilder builder, Func<ApprovalRequest, CancellationToken, ValueTask<ApprovalResponse>> ask) =>
        builder.AddApprovals(new CallbackApprovalBroker(ask));

    /// <summary>Asks over HTTP when a rule requires approval.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets address and secrets; checked when the host starts.</param>
    public static IGovernanceBuilder AddWebhookApprovals(this IGovernanceBuilder builder, Action<WebhookApprovalOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Replace(ServiceDescriptor.Singleton<IApprovalBroker>(services =>
        {
            var options = new WebhookApprovalOptions();
            configure(options);
            return new WebhookApprovalBroker(options, services.GetService<TimeProvider>());
        }));
        return builder;
    }

    /// <summary>
    /// Suspends actions that need a person's word until the host resumes them, in this process or another one. The service is <see cref="ApprovalSuspension"/>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets keys, store and who is told; checked when the host starts.</param>
    public static IGovernanceBuilder AddSuspendedApprovals(this IGovernanceBuilder builder, Action<ApprovalSuspensionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Replace(ServiceDescriptor.Singleton(services =>
        {
            var options = new ApprovalSuspensionOptions();
            configure(options);
            return new ApprovalSuspension(options, services.GetService<TimeProvider>());
        }));
        builder.Services.Replace(ServiceDescriptor.Singleton<IApprovalBroker>(services => services.GetRequiredService<ApprovalSuspension>()));
        return builder;
    }

    /// <summary>Asks at the terminal when a rule requires approval.</summary>
    public static IGovernanceBuilder AddConsoleApprovals(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IApprovalBroker>(_ => new ConsoleApprovalBroker()));
        return builder;
    }

    /// <summary>Adds a <see cref="GovernanceMonitor"/>: the latest decisions, statistics and health, for operators.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets what is kept.</param>
    public static IGovernanceBuilder AddMonitoring(this IGovernanceBuilder builder, Action<MonitoringOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MonitoringOptions();
        configure?.Invoke(options);
        builder.Services.Replace(ServiceDescriptor.Singleton(services => new GovernanceMonitor(options, services.GetRequiredService<GovernanceRuntime>(), services)));
        builder.Services.AddSingleton<IGovernanceObserver>(services => services.GetRequiredService<GovernanceMonitor>());
        return builder;
    }

    /// <summary>Sets how the session of a call is found that runs in no <see cref="GovernanceScope"/>; replaces an earlier one.</summary>
    public static IGovernanceBuilder UseSessionResolver(this IGovernanceBuilder builder, ISessionResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(resolver);
        builder.Services.Replace(ServiceDescriptor.Singleton(resolver));
        return builder;
    }

    /// <summary>Sets how the session of a call is found that runs in no <see cref="GovernanceScope"/>; null from it means that there is none.</summary>
    public static IGovernanceBuilder UseSessionResolver(this IGovernanceBuilder builder, Func<Principal, CancellationToken, ValueTask<GovernanceSession?>> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return builder.UseSessionResolver(new DelegateSessionResolver(resolve));
    }

    /// <summary>Adds an observer of events.</summary>
    public static IGovernanceBuilder AddObserver(this IGovernanceBuilder builder, IGovernanceObserver observer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(observer);
        builder.Services.AddSingleton(observer);
        return builder;
    }

    /// <summary>Sets where decisions are recorded; replaces an earlier one.</summary>
    public static IGovernanceBuilder UseDecisionLog(this IGovernanceBuilder builder, IDecisionLog log)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(log);
        builder.Services.Replace(ServiceDescriptor.Singleton(log));
        return builder;
    }
}
