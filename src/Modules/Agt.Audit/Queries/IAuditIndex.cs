namespace Agt.Audit.Queries;

/// <summary>Finds records of a log by what they say, without reading the others. Offered by the stores that keep an index beside the leaves (spec 09, AUD-701 and AUD-702).</summary>
/// <remarks>Thread-safe. What is found is what the index says; whether a record is the one that was signed, its proof tells. All block while they read.</remarks>
public interface IAuditIndex
{
    /// <summary>Finds the latest records that are as asked, in the order of the log.</summary>
    /// <param name="query">What is asked; everything in it must hold.</param>
    /// <exception cref="ArgumentException">The query cannot be, for example a limit out of range; the message says what would be right.</exception>
    /// <exception cref="IOException">The store cannot be read now.</exception>
    AuditPage Query(AuditQuery query);

    /// <summary>Finds a record by its id; null if there is none.</summary>
    /// <param name="recordId">The id, a UUID.</param>
    /// <exception cref="IOException">The store cannot be read now.</exception>
    AuditEntry? Find(Guid recordId);

    /// <summary>Finds the record of a decision by the id that the caller was told; null if there is none. Of several runs of the process with the same number, the latest.</summary>
    /// <param name="decisionId">The id.</param>
    /// <exception cref="IOException">The store cannot be read now.</exception>
    AuditEntry? Find(DecisionId decisionId);

    /// <summary>Finds a record that is about to be appended, so that it can be handed in twice and is kept once (AUD-106).</summary>
    /// <param name="leaf">The bytes of the record.</param>
    /// <returns>The index of the same record; null if its id is new, or it has none.</returns>
    /// <exception cref="Stores.AuditStoreException"><see cref="Stores.AuditStoreProblem.DuplicateRecordId"/>: a record with its id is there, and has other bytes.</exception>
    /// <exception cref="IOException">The store cannot be read now.</exception>
    long? FindSame(ReadOnlySpan<byte> leaf);
}
