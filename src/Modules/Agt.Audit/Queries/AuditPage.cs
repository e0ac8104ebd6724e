namespace Agt.Audit.Queries;

/// <summary>A part of what a query finds.</summary>
/// <param name="Entries">The records, in the order of the log: the latest ones below <see cref="AuditQuery.Before"/>.</param>
/// <param name="Next">What to set <see cref="AuditQuery.Before"/> to for the records before these; null if there are none. A page may be short, even empty, and still have a next one: a query stops after a
/// bounded amount of work.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, long? Next);
