using Agt;
using Agt.Events;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Sends events out of the process.</summary>
public static class EventGovernanceBuilderExtensions
{
    /// <summary>Adds a sink.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="sink">Where events go.</param>
    /// <param name="configure">Changes how; the options are those of all sinks. The environment is read first (<see cref="EventExportOptions.ReadEnvironment"/>).</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddEventSink(this IGovernanceBuilder builder, IEventSink sink, Action<EventExportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(sink);
        IServiceCollection services = builder.Services;
        if (!services.Any(service => service.ServiceType == typeof(EventExporter)))
        {
            services.AddOptions<EventExportOptions>().Configure(options => options.ReadEnvironment(Environment.GetEnvironmentVariable));
            services.AddSingleton(provider => new EventExporter(
                provider.GetServices<IEventSink>(),
                provider.GetRequiredService<IOptions<EventExportOptions>>().Value,
                provider.GetService<TimeProvider>() ?? TimeProvider.System,
                provider.GetService<ILoggerFactory>()));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IGovernanceObserver, EventExporter>(provider => provider.GetRequiredService<EventExporter>()));
        }

        services.AddSingleton(sink);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }

    /// <summary>Adds a delegate as a sink.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="name">The name of the sink.</param>
    /// <param name="export">Takes a batch; what it throws is a failed export.</param>
    /// <param name="configure">Changes how.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddEventSink(
        this IGovernanceBuilder builder, string name, Func<IReadOnlyList<EventEnvelope>, CancellationToken, ValueTask> export, Action<EventExportOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(export);
        return builder.AddEventSink(new DelegateEventSink(name, export), configure);
    }
}
