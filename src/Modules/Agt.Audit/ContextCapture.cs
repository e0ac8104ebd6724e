namespace Agt.Audit;

/// <summary>How much of an action's arguments, messages or input goes into its record. The digest of it always does.</summary>
public enum ContextCapture
{
    /// <summary>Only the digest: nothing that was said or asked for stands in the log (default).</summary>
    Digest,

    /// <summary>
    /// All of it, sealed: the record holds a salted digest, the value lies beside the log, encrypted with a key of the user it is about (or of the agent, where no user is known). Whoever has the
    /// sealing key can open it and hold it against the record; <see cref="AuditLog.EraseAsync"/> makes it unreadable for ever and leaves every proof valid.
    /// </summary>
    Sealed,

    /// <summary>All of it, in clear, as the action ran. A log is for ever: only where it holds no personal data and no secrets.</summary>
    Clear,
}
