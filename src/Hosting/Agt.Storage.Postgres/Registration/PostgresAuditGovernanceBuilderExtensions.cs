using Agt;
using Agt.Audit;
using Agt.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the audit log of governance in PostgreSQL.</summary>
public static class PostgresAuditGovernanceBuilderExtensions
{
    /// <summary>
    /// Keeps the audit log in a database server instead of in files; its key and the copy of its checkpoint stay in files (<see cref="AuditOptions.KeyFile"/>). Adds the audit log if it was not added. The
    /// log must have been made with <see cref="PostgresAuditStore.Install"/>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="connectionString">How the role that writes the log connects. Take it from a secret store; it is in no message.</param>
    /// <param name="schema">The schema of the log.</param>
    public static IGovernanceBuilder UsePostgresAuditStore(this IGovernanceBuilder builder, string connectionString, string schema = PostgresAuditStore.DefaultSchema)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return builder.AddAudit(options => options.OpenStore = _ => PostgresAuditStore.Open(connectionString, schema));
    }

    /// <summary>
    /// Hands every decision and outcome in to a log in PostgreSQL that a <see cref="PostgresSequencer"/> in another process writes: this process has no key of the log, and can neither sign nor delete. Replaces the log in
    /// memory, and one that was added before. The role must have been let in by <see cref="PostgresAuditProducer.Allow"/>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="connectionString">How the producer's role connects. Take it from a secret store; it is in no message.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <param name="configure">Sets deadline, sizes, durability and where the process runs; checked when the host starts.</param>
    public static IGovernanceBuilder UsePostgresAuditProducer(this IGovernanceBuilder builder, string connectionString, string schema = PostgresAuditStore.DefaultSchema, Action<AuditOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        builder.Services.TryAddSingleton(services =>
        {
            var options = new AuditOptions();
            configure?.Invoke(options);
            return PostgresAuditProducer.Open(
                connectionString, schema, options, services.GetService<TimeProvider>(), services.GetService<ILoggerFactory>()?.CreateLogger("Agt.Audit"));
        });
        builder.Services.Replace(ServiceDescriptor.Singleton<IDecisionLog>(static services => services.GetRequiredService<PostgresAuditProducer>()));
        return builder;
    }
}
