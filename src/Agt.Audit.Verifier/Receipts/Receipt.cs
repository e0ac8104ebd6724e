using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;

namespace Agt.Audit.Receipts;

/// <summary>
/// Portable evidence that a record is in a log: its place, the path to the root and the checkpoint (C2SP tlog-proof, version 1; file extension <c>.tlog-proof</c>). Immutable and thread-safe.
/// </summary>
/// <param name="Index">The record's place, from 0.</param>
/// <param name="Path">The siblings, from the leaf upward.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Extra">What travels beside: Agt puts the record there. Never to be trusted before it has been hashed and checked. Empty for none.</param>
public sealed record Receipt(long Index, IReadOnlyList<LogHash> Path, SignedCheckpoint Checkpoint, ReadOnlyMemory<byte> Extra)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const int MaxBytes = 256 * 1024;
    private const int MaxPath = 63;

    /// <summary>Reads a receipt.</summary>
    /// <param name="utf8">Its bytes; 256 KiB at most.</param>
    /// <param name="receipt">The receipt.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Receipt? receipt, [NotNullWhen(false)] out string? error)
    {
        receipt = null;
        int gap = utf8.IndexOf("\n\n"u8);
        if (utf8.Length > MaxBytes || gap < 0)
        {
            error = $"A receipt has at most {MaxBytes} bytes, and an empty line before its checkpoint.";
            return false;
        }

        if (!SignedCheckpoint.TryParse(utf8[(gap + 2)..], out SignedCheckpoint? checkpoint, out error))
        {
            return false;
        }

        string[] lines = Encoding.UTF8.GetString(utf8[..gap]).Split('\n');
        if (lines[0] != Header)
        {
            error = $"A receipt begins with the line '{Header}'.";
            return false;
        }

        int at = 1;
        byte[] extra = [];
        if (at < lines.Length && lines[at].StartsWith("extra ", StringComparison.Ordinal))
        {
            extra = new byte[lines[at].Length];
            if (!Convert.TryFromBase64String(lines[at]["extra ".Length..], extra, out int written))
            {
                error = "The extra data of the receipt is not base64.";
                return false;
            }

            extra = extra[..written];
            at++;
        }

        if (at >= lines.Length || !lines[at].StartsWith("index ", StringComparison.Ordinal) || !Notes.Checkpoint.TryParseSize(lines[at].AsSpan("index ".Length), out long index))
        {
            error = "The receipt has no line 'index' with the place of the record.";
            return false;
        }

        var path = new List<LogHash>();
        foreach (string line in lines.AsSpan(at + 1))
        {
            if (path.Count == MaxPath || !LogHash.TryParseBase64(line, out LogHash hash))
            {
                error = $"The path of the receipt has lines that are no hashes, or more than {MaxPath}.";
                return false;
            }

            path.Add(hash);
        }

        receipt = new Receipt(index, path, checkpoint, extra);
        return true;
    }

    /// <summary>Whether the record is in the log, and the log is to be believed.</summary>
    /// <param name="leaf">The bytes of the record.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="error">Why not, if not.</param>
    public bool Verify(ReadOnlySpan<byte> leaf, TrustPolicy trust, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(trust);
        if (!trust.IsSatisfiedBy(Checkpoint, out error))
        {
            return false;
        }

        error = Proof.Verify(leaf, Index, Checkpoint.Checkpoint.Size, [.. Path], Checkpoint.Checkpoint.Root)
            ? null
            : $"The record is not entry {Index} of the log '{Checkpoint.Checkpoint.Origin}' with {Checkpoint.Checkpoint.Size} entries.";
        return error is null;
    }

    /// <summary>The receipt as it is written to a file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Extra.Length > 0)
        {
            text.Append("extra ").Append(Convert.ToBase64String(Extra.Span)).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (LogHash hash in Path)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return text.Append('\n').Append(Checkpoint.Note).ToString();
    }
}
