namespace Agt.Audit;

/// <summary>An effect that was let go and of which no end is recorded, because the process ended in between.</summary>
/// <param name="Index">The index of the record of its decision.</param>
/// <param name="RecordId">The id of that record.</param>
/// <param name="Action">What it did.</param>
/// <param name="IdempotencyKey">The idempotency key that the call carried: with it the call can be repeated and takes effect once. Null if the tool declares none, or the call had none: whoever repeats it may do it twice.</param>
public sealed record InDoubt(long Index, string RecordId, string Action, string? IdempotencyKey = null);
