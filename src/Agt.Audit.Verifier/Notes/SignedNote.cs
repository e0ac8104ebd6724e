using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Agt.Audit.Notes;

/// <summary>A text and signatures below it (C2SP signed-note). Immutable and thread-safe. Parsing checks the form; <see cref="TryVerify"/> checks signatures.</summary>
public sealed class SignedNote
{
    /// <summary>The longest note, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The most signatures of a note.</summary>
    public const int MaxSignatures = 64;

    private const string LineStart = "\u2014 ";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts a note together.</summary>
    /// <param name="text">The text; ends with a line feed.</param>
    /// <param name="signatures">The signatures, in the order of their lines.</param>
    /// <exception cref="ArgumentException">The text does not end with a line feed.</exception>
    public SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(signatures);
        if (!text.EndsWith('\n'))
        {
            throw new ArgumentException("The text of a note ends with a line feed.", nameof(text));
        }

        Text = text;
        Signatures = signatures;
    }

    /// <summary>The text, with its last line feed.</summary>
    public string Text { get; }

    /// <summary>The signatures, unchecked.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note.</summary>
    /// <param name="utf8">The bytes; at most <see cref="MaxBytes"/>.</param>
    /// <param name="note">The note.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out SignedNote? note, [NotNullWhen(false)] out string? error)
    {
        note = null;
        if (utf8.Length > MaxBytes)
        {
            error = $"A note has at most {MaxBytes} bytes.";
            return false;
        }

        string all;
        try
        {
            all = Strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            error = "The note is not UTF-8.";
            return false;
        }

        if (all.AsSpan().ContainsAny(Controls))
        {
            error = "The note has a control character other than line feed.";
            return false;
        }

        int gap = all.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (gap < 0 || !all.EndsWith('\n') || gap + 2 >= all.Length)
        {
            error = "A note is a text, an empty line, and signature lines that each end with a line feed.";
            return false;
        }

        string[] lines = all[(gap + 2)..^1].Split('\n');
        if (lines.Length > MaxSignatures)
        {
            error = $"A note has at most {MaxSignatures} signatures.";
            return false;
        }

        var signatures = new List<NoteSignature>(lines.Length);
        foreach (string line in lines)
        {
            if (!TryParseLine(line, out NoteSignature? signature))
            {
                error = $"Not a signature line: a dash (U+2014), a space, the name of a key, a space, base64. Found: '{line}'";
                return false;
            }

            signatures.Add(signature);
        }

        note = new SignedNote(all[..(gap + 1)], signatures);
        error = null;
        return true;
    }

    /// <summary>Reads one signature line, without its end.</summary>
    public static bool TryParseLine(string line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        ArgumentNullException.ThrowIfNull(line);
        signature = null;
        string[] parts = line.StartsWith(LineStart, StringComparison.Ordinal) ? line[LineStart.Length..].Split(' ') : [];
        if (parts.Length != 2 || !KeyName.IsValid(parts[0]))
        {
            return false;
        }

        byte[] bytes = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], bytes, out int written) || written < 5 || Convert.ToBase64String(bytes, 0, written) != parts[1])
        {
            return false;
        }

        signature = new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(4, written - 4));
        return true;
    }

    /// <summary>Checks the signatures of the keys that are known. Others are left alone; a signature of a known key that is not good makes the whole note bad.</summary>
    /// <param name="keys">The known keys.</param>
    /// <param name="verified">The good signatures, in order, one a key; at least one.</param>
    /// <param name="error">What is wrong, if the note is bad.</param>
    public bool TryVerify(IReadOnlyCollection<VerifierKey> keys, out IReadOnlyList<VerifiedSignature> verified, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var good = new List<VerifiedSignature>();
        verified = good;
        foreach (NoteSignature signature in Signatures)
        {
            foreach (VerifierKey key in keys)
            {
                if (key.KeyId != signature.KeyId || key.Name != signature.Name)
                {
                    continue;
                }

                if (!key.Verify(Text, signature.Value.Span, out DateTimeOffset? time))
                {
                    verified = [];
                    error = $"The signature of {key.Name}+{key.KeyId:x8} is not that of this text.";
                    return false;
                }

                if (!good.Exists(other => other.Key.Equals(key)))
                {
                    good.Add(new VerifiedSignature(key, time));
                }
            }
        }

        error = good.Count > 0 ? null : "No signature is that of a known key.";
        return error is null;
    }

    /// <summary>The note as bytes.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(ToString());

    /// <summary>The note as text.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (NoteSignature signature in Signatures)
        {
            note.Append(signature).Append('\n');
        }

        return note.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Controls =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\n').Select(c => (char)c), '\u007f']);
}
