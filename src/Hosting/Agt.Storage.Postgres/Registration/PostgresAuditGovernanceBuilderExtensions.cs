using Agt;
using Agt.Audit;
using Agt.Storage.Postgres;

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
}
