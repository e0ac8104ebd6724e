namespace Agt.Cli.Audit.Service;

/// <summary>What somebody may do at the audit service (spec 09, AUD-707).</summary>
[Flags]
internal enum ServiceRoles
{
    None = 0,

    /// <summary><c>audit-read</c>: query, summary, verification, single records and their receipts.</summary>
    Read = 1,

    /// <summary><c>audit-write</c>: hand in records of the identity's own agents.</summary>
    Write = 2,

    /// <summary><c>audit-admin</c>: both, for every agent.</summary>
    Admin = 4 | Read | Write,
}
