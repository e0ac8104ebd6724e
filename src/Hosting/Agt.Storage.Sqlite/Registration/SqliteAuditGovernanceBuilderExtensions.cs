using Agt;
using Agt.Audit;
using Agt.Storage.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the audit log of governance in SQLite.</summary>
public static class SqliteAuditGovernanceBuilderExtensions
{
    /// <summary>Keeps the audit log in a database, <c>log.db</c> in <see cref="AuditOptions.Directory"/>, instead of in files. Adds the audit log if it was not added.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    public static IGovernanceBuilder UseSqliteAuditStore(this IGovernanceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAudit(options => options.OpenStore = static opened => SqliteAuditStore.Open(opened.Directory));
    }
}
