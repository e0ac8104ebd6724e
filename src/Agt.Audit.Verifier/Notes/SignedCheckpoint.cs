using System.Diagnostics.CodeAnalysis;

namespace Agt.Audit.Notes;

/// <summary>A checkpoint with the signatures below it, unchecked until a key or a policy is held against it. Immutable and thread-safe.</summary>
/// <param name="Checkpoint">What is committed to.</param>
/// <param name="Note">The note it stands in.</param>
public sealed record SignedCheckpoint(Checkpoint Checkpoint, SignedNote Note)
{
    /// <summary>Reads a signed checkpoint.</summary>
    /// <param name="utf8">The bytes of the note.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out SignedCheckpoint? checkpoint, [NotNullWhen(false)] out string? error)
    {
        checkpoint = null;
        if (!SignedNote.TryParse(utf8, out SignedNote? note, out error) || !Checkpoint.TryParse(note.Text, out Checkpoint? body, out error))
        {
            return false;
        }

        checkpoint = new SignedCheckpoint(body, note);
        return true;
    }

    /// <summary>Checks that the log itself signed: a key of another name than the origin does not count.</summary>
    /// <param name="key">The log's key.</param>
    /// <param name="error">What is wrong, if it did not.</param>
    public bool IsSignedBy(VerifierKey key, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Name != Checkpoint.Origin || key.Type != VerifierKey.Ed25519Type)
        {
            error = $"The checkpoint is of the log '{Checkpoint.Origin}', the key is that of '{key.Name}'.";
            return false;
        }

        return Note.TryVerify([key], out _, out error);
    }
}
