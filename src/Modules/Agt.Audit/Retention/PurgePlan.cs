namespace Agt.Audit.Retention;

/// <summary>What a purge would drop, or has dropped. Immutable and thread-safe.</summary>
/// <param name="From">The first record that is kept now.</param>
/// <param name="First">The first record that is kept after it; equal to <paramref name="From"/> if there is nothing to drop. A multiple of 256.</param>
/// <param name="StoppedAt">The record that cannot be dropped yet and stands in the way of those behind it; null if the end of the log was reached.</param>
/// <param name="Because">Why it cannot: its age, or the name of a hold. Null if the end of the log was reached.</param>
/// <param name="Archive">The SHA-256 of the manifest of the archive, 64 hexadecimal digits; null for none.</param>
public sealed record PurgePlan(long From, long First, long? StoppedAt, string? Because, string? Archive = null)
{
    /// <summary>How many records are dropped.</summary>
    public long Count => First - From;
}
