using Agt;
using Agt.Audit;
using Agt.Audit.Export;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the audit log to governance.</summary>
public static class AuditGovernanceBuilderExtensions
{
    /// <summary>
    /// Records every decision and outcome in a log of files that nobody can alter, drop or reorder without it showing. Replaces the log in memory.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="directory">The directory of the log; made if it is not there.</param>
    public static IGovernanceBuilder AddAudit(this IGovernanceBuilder builder, string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return builder.AddAudit(options => options.Directory = directory);
    }

    /// <summary>
    /// Records every decision and outcome in a log of files that nobody can alter, drop or reorder without it showing. Replaces the log in memory.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Sets where and how; checked when the host starts, which fails if the log is not what it was signed as.</param>
    public static IGovernanceBuilder AddAudit(this IGovernanceBuilder builder, Action<AuditOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        OptionsBuilder<AuditOptions> options = builder.Services.AddOptions<AuditOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddSingleton(services => AuditLogFactory.Open(
            services.GetRequiredService<IOptions<AuditOptions>>().Value,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetService<ILoggerFactory>()?.CreateLogger("Agt.Audit") ?? NullLogger.Instance,
            services.GetService<IHostEnvironment>()?.IsProduction() == true));
        builder.Services.Replace(ServiceDescriptor.Singleton<IDecisionLog>(services => new AuditDecisionLog(
            services.GetRequiredService<AuditLog>(), services.GetRequiredService<IOptions<AuditOptions>>().Value.Durability)));
        return builder;
    }

    /// <summary>Sends the records of the audit log to a sink, by a cursor that survives the process: in order, each at least once, none left out.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned; <c>AddAudit</c> is called too.</param>
    /// <param name="sink">Makes the sink.</param>
    /// <param name="configure">Sets how records get to it.</param>
    public static IGovernanceBuilder AddAuditSink(this IGovernanceBuilder builder, Func<IServiceProvider, IRecordSink> sink, Action<ExportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(sink);
        builder.Services.AddOptions<AuditOptions>().Configure<IServiceProvider>((options, services) =>
        {
            var export = new ExportOptions();
            configure?.Invoke(export);
            options.Sinks.Add(new AuditSink(sink(services), export));
        });
        return builder;
    }

    /// <summary>Sends the records of the audit log to a sink, by a cursor that survives the process: in order, each at least once, none left out.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned; <c>AddAudit</c> is called too.</param>
    /// <param name="sink">The sink.</param>
    /// <param name="configure">Sets how records get to it.</param>
    public static IGovernanceBuilder AddAuditSink(this IGovernanceBuilder builder, IRecordSink sink, Action<ExportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return builder.AddAuditSink(_ => sink, configure);
    }
}
