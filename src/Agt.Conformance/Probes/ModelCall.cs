namespace Agt.Conformance;

/// <summary>A call of a tool that the model asks for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tool">The name of the tool, in a spelling of the framework.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
public sealed record ModelCall(string Id, string Tool, string Arguments);
