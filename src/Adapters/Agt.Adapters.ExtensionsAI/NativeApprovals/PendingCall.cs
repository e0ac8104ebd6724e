using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>The record of one open request: what a ticket stands for.</summary>
/// <param name="Call">The digest of the call as the person sees it.</param>
/// <param name="Principal">On whose behalf it was asked.</param>
/// <param name="Session">The session that it was asked in, if the host holds that open over several requests.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Question">What governance asks; null where only the framework does.</param>
internal sealed record PendingCall(Digest Call, Principal Principal, SessionId? Session, DateTimeOffset ExpiresAt, Question? Question);
