namespace Agt.Storage.Postgres;

/// <summary>A row of the queue.</summary>
/// <param name="Key">What names it; its producer alone knew it.</param>
/// <param name="Role">The role that handed it in, as the server knows it.</param>
/// <param name="Record">The record, as it was handed in.</param>
/// <param name="IsTaken">Whether the log has it already.</param>
internal sealed record QueuedRecord(Guid Key, string Role, byte[] Record, bool IsTaken);
