namespace Agt.Conformance;

/// <summary>One call that reached a tool.</summary>
/// <param name="Arguments">The arguments that it got, as canonical JSON (RFC 8785).</param>
/// <param name="CancellationToken">The token that it got.</param>
public sealed record ProbeCall(string Arguments, CancellationToken CancellationToken);
