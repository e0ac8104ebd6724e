using Agt.Audit.Verification;

namespace Agt.Compliance.Reports;

/// <summary>The log is not what was signed, or not signed by who is trusted: nothing can be said from it.</summary>
public sealed class LogNotVerifiedException : Exception
{
    internal LogNotVerifiedException(string message, LogVerification? verification)
        : base(message) => Verification = verification;

    /// <summary>What verification said; null if the log changed after it was verified.</summary>
    public LogVerification? Verification { get; }

    /// <summary>Whether the records are sound and only nobody who is trusted vouches for them.</summary>
    public bool IsOnlyUntrusted => Verification is { IsTrusted: false, FailedIndex: null, Checkpoint: not null };
}
