using Agt.Audit.Notes;
using Agt.Audit.Stores;

namespace Agt.Audit;

/// <summary>The latest checkpoint, in a file outside of the log's directory: whoever sets the directory back has to find this one too.</summary>
internal sealed class CheckpointFile(string path)
{
    /// <summary>Reads the checkpoint; null if there is none.</summary>
    /// <exception cref="AuditStoreException">It is not that of the log.</exception>
    internal SignedCheckpoint? Read(VerifierKey key)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if (!SignedCheckpoint.TryParse(File.ReadAllBytes(path), out SignedCheckpoint? checkpoint, out string? error) || !checkpoint.IsSignedBy(key, out error))
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"'{path}' should be a copy of the log's checkpoint, and is not: {error} Move it away if it is of another log.");
        }

        return checkpoint;
    }

    /// <summary>Keeps two checkpoints that contradict each other, for whoever has to explain them.</summary>
    /// <returns>The file.</returns>
    internal string SaveFork(SignedCheckpoint first, SignedCheckpoint second)
    {
        ProtectedFiles.Replace(path + ".fork", new ForkProof(first, second).ToUtf8());
        return path + ".fork";
    }

    internal void Write(ReadOnlySpan<byte> note) => ProtectedFiles.Replace(path, note);
}
