using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Agt.Audit.Notes;

/// <summary>
/// Two checkpoints of one log, both signed by it, with different trees of one size: the proof that it showed two histories, which nobody can make who does not have its key (spec 09, AUD-X15). Immutable and thread-safe.
/// </summary>
/// <param name="First">One checkpoint.</param>
/// <param name="Second">The other.</param>
public sealed record ForkProof(SignedCheckpoint First, SignedCheckpoint Second)
{
    /// <summary>How the file of a proof begins.</summary>
    public const string Header = "agt fork-proof v1";

    private const string Divider = "----\n";

    /// <summary>Whether it proves that whoever holds a key signed two trees.</summary>
    /// <param name="key">The key of the log.</param>
    /// <param name="error">Why it does not.</param>
    public bool Proves(VerifierKey key, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!First.IsSignedBy(key, out error) || !Second.IsSignedBy(key, out error))
        {
            return false;
        }

        error = First.Checkpoint.Size != Second.Checkpoint.Size ? "The checkpoints are of different sizes: one may be the other, grown."
            : First.Checkpoint.Root == Second.Checkpoint.Root ? "The checkpoints are of the same tree." : null;
        return error is null;
    }

    /// <summary>Reads a proof. Nothing is verified.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="proof">The proof.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ForkProof? proof, [NotNullWhen(false)] out string? error)
    {
        proof = null;
        byte[] header = Encoding.ASCII.GetBytes(Header + "\n");
        int divider = utf8.IndexOf("\n----\n"u8);
        if (utf8.Length > 2 * SignedNote.MaxBytes + 64 || !utf8.StartsWith(header) || divider < header.Length)
        {
            error = $"A fork proof begins with the line '{Header}' and holds two checkpoints with a line '----' between them.";
            return false;
        }

        if (!SignedCheckpoint.TryParse(utf8[header.Length..(divider + 1)], out SignedCheckpoint? first, out error) || !SignedCheckpoint.TryParse(utf8[(divider + 1 + Divider.Length)..], out SignedCheckpoint? second, out error))
        {
            return false;
        }

        proof = new ForkProof(first, second);
        return true;
    }

    /// <summary>The file of the proof.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes($"{Header}\n{First.Note}{Divider}{Second.Note}");
}
