namespace Agt.Audit;

/// <summary>How much of an action's arguments, messages or input goes into its record. The digest of it always does.</summary>
public enum ContextCapture
{
    /// <summary>Only the digest: nothing that was said or asked for stands in the log (default).</summary>
    Digest,

    /// <summary>All of it, in clear, as the action ran. A log is for ever: only where it holds no personal data and no secrets.</summary>
    Clear,
}
