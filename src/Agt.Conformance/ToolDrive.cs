namespace Agt.Conformance;

/// <summary>A call of a tool by host code.</summary>
/// <param name="Tool">The name of the probe.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
public sealed record ToolDrive(string Tool, string Arguments);
