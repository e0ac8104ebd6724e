namespace Agt.Cli.Audit;

/// <summary>How <c>agt audit</c> ends (spec 09, AUD-709); documented in <c>docs/cli.md</c>.</summary>
internal static class AuditExitCode
{
    /// <summary>Verified, or done.</summary>
    internal const int Verified = 0;

    /// <summary>The log or the receipt is not what was signed.</summary>
    internal const int Tampered = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 2;

    /// <summary>Something is missing or cannot be read.</summary>
    internal const int Unreadable = 3;

    /// <summary>Nobody who is trusted vouches for it: no key was given, another key signed, or witnesses are missing.</summary>
    internal const int NotTrusted = 4;
}
