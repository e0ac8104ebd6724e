namespace Agt.Cli;

/// <summary>What the process tells its caller; documented in <c>docs/cli.md</c>.</summary>
internal static class ExitCode
{
    /// <summary>Done, and nothing was found wrong.</summary>
    internal const int Success = 0;

    /// <summary>Done, and something was found: a policy is invalid, a scenario failed, documents differ, a line was refused.</summary>
    internal const int Findings = 1;

    /// <summary>Not done: a file is missing or cannot be read, or no policy is in force.</summary>
    internal const int Unreadable = 2;

    /// <summary>An action was denied or needs approval, and the caller asked to be told by <c>--fail-on-deny</c>.</summary>
    internal const int Denied = 3;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 64;

    /// <summary>Stopped by Ctrl-C.</summary>
    internal const int Interrupted = 130;

    /// <summary>Whoever read the output has gone.</summary>
    internal const int BrokenPipe = 141;
}
