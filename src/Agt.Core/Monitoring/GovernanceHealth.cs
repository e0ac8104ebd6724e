namespace Agt.Monitoring;

/// <summary>The health of governance in this host (spec 08, ADP-140).</summary>
/// <param name="Status">The worst of what was found.</param>
/// <param name="Backend">What decides: <c>policy</c> and its digest, or <c>none</c>.</param>
/// <param name="BackendConnected">Whether the policy can be read.</param>
/// <param name="LastError">The latest failure of the last five minutes; null if there was none. Names no arguments and no exception text.</param>
/// <param name="UptimeSeconds">For how long the host has been running, in seconds.</param>
public sealed record GovernanceHealth(GovernanceStatus Status, string Backend, bool BackendConnected, GovernanceError? LastError, double UptimeSeconds);
