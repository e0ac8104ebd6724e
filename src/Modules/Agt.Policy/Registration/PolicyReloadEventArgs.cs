namespace Agt.Policy;

/// <summary>A load that was asked for, by a change of a file or by the host.</summary>
/// <param name="error">Why it failed; null if it did not.</param>
/// <param name="generation">The set that is in force now.</param>
public sealed class PolicyReloadEventArgs(Exception? error, long generation) : EventArgs
{
    /// <summary>Why it failed (<c>policy_reload_failed</c>); null if it did not.</summary>
    public Exception? Error => error;

    /// <summary>The set that is in force now.</summary>
    public long Generation => generation;
}
