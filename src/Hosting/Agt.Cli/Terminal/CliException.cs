namespace Agt.Cli;

/// <summary>Ends a command with a message for the user and an exit code.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Unreadable) : Exception(message)
{
    internal int ExitCode { get; } = exitCode;
}
