using Agt.Values;

namespace Agt.Approvals;

/// <summary>What a store knows of an action that waits for a person without anybody waiting with it: nothing that the action is about, only what it is bound to. Immutable.</summary>
/// <param name="Id">Names the ticket: a Guid in the form <c>D</c>.</param>
/// <param name="ActionDigest">The digest of the action (spec 08, 5.1).</param>
/// <param name="Session">The session that asked.</param>
/// <param name="Principal">On whose behalf.</param>
/// <param name="ExpiresAt">When the ticket ends (UTC).</param>
public sealed record OpenApprovalTicket(string Id, Digest ActionDigest, SessionId Session, Principal Principal, DateTimeOffset ExpiresAt);
