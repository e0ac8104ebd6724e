namespace Agt;

/// <summary>What a host says of one of its tools, because the framework cannot. Immutable and thread-safe.</summary>
/// <param name="Effects">What it does. The audit log waits for the record of what lasts, and of what says nothing; information flow reads it too.</param>
/// <param name="IdempotencyArgument">
/// The argument that carries an idempotency key: calls with the same key take effect once. It is recorded, and with <c>AddIdempotencyKeys</c> it is set; an effect that is in doubt after a crash can then be repeated safely. Null if the
/// tool has none.
/// </param>
public sealed record ToolDeclaration(ToolEffects Effects, string? IdempotencyArgument = null);
