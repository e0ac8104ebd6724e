namespace Agt.Cli;

/// <summary>An action is not described as <c>agt.action/1</c> asks.</summary>
internal sealed class ActionFormatException(string message) : Exception(message);
