using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Verification;

namespace Agt.Audit.Stores;

/// <summary>Makes a log again from a backup: a published log, an archive, or another store (spec 09, AUD-415). The backup is verified first.</summary>
public static class LogBackup
{
    private const int BatchBytes = 1024 * 1024;

    /// <summary>Copies a log into an empty store, up to its checkpoint, which is written last: until then nobody takes the copy for the log.</summary>
    /// <param name="backup">The backup. It begins with record 0.</param>
    /// <param name="target">The empty store.</param>
    /// <param name="trust">Whose checkpoint is believed.</param>
    /// <param name="progress">Called now and then with the number of records that are there; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early; the store is not to be used then.</param>
    /// <returns>How many records there are.</returns>
    /// <exception cref="InvalidDataException">The backup is not what was signed, or begins later than the log; nothing was written. Or what was written is not the backup.</exception>
    /// <exception cref="ArgumentException">The store is not empty.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static long Restore(IAuditStore backup, IAuditStore target, TrustPolicy trust, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backup);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(trust);
        if (target.Size > 0 || !target.ReadCheckpoint().IsEmpty)
        {
            throw new ArgumentException("There is a log already; a backup is restored into a place of its own.", nameof(target));
        }

        if (backup.First > 0)
        {
            throw new InvalidDataException($"The backup begins with record {backup.First}; a log is made again from its start. An archive that was begun before the purge has all of it.");
        }

        LogVerification verification = new LogVerifier(backup, trust).Verify(cancellationToken);
        if (!verification.IsValid)
        {
            throw new InvalidDataException("The backup is not what was signed: " + verification.Error);
        }

        Checkpoint checkpoint = verification.Checkpoint!.Checkpoint;
        var tree = new CompactRange();
        var batch = new AuditBatch();
        batch.Begin(0);
        foreach (ReadOnlyMemory<byte> leaf in backup.ReadLeaves(0, checkpoint.Size))
        {
            batch.Add(leaf.Span);
            if (batch.Bytes >= BatchBytes)
            {
                Put();
            }
        }

        Put();
        if (tree.Size != checkpoint.Size || tree.Root != checkpoint.Root)
        {
            throw new InvalidDataException("The backup changed while it was read; nobody will take what was written for a log.");
        }

        target.WriteCheckpoint(backup.ReadCheckpoint().Span);
        return tree.Size;

        void Put()
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Integrate(tree);
            target.Append(batch);
            batch.Begin(tree.Size);
            progress?.Invoke(tree.Size);
        }
    }
}
