namespace Agt.Audit.Stores;

/// <summary>Why a log cannot be opened, or a record cannot be taken.</summary>
public enum AuditStoreProblem
{
    /// <summary>Another writer has it (<c>LogLocked</c>).</summary>
    Locked,

    /// <summary>It is shorter than its last checkpoint (<c>LogTruncated</c>).</summary>
    Truncated,

    /// <summary>Its leaves or hashes are not those of its checkpoint (<c>LogTampered</c>).</summary>
    Tampered,

    /// <summary>The whole log is an older state of itself (<c>RollbackDetected</c>).</summary>
    RolledBack,

    /// <summary>A file of it cannot be read as what it is (<c>LogCorrupt</c>).</summary>
    Corrupt,

    /// <summary>It was written by a newer version, or is of another kind (<c>LogVersion</c>).</summary>
    Version,

    /// <summary>Its checkpoint is of another log or key (<c>LogKey</c>).</summary>
    Key,

    /// <summary>A record has the id of another one and other bytes (<c>DuplicateRecordId</c>).</summary>
    DuplicateRecordId,

    /// <summary>The database role of the log may change or delete records (<c>LogPrivileges</c>).</summary>
    Privileges,
}
