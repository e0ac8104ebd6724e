using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Agt.Audit.Merkle;

namespace Agt.Audit.Notes;

/// <summary>What a log commits itself to: its name, how many leaves it has and their root (C2SP tlog-checkpoint). The text of a signed note. Immutable and thread-safe.</summary>
public sealed record Checkpoint
{
    private const int MaxLines = 64;

    /// <summary>Creates a checkpoint.</summary>
    /// <param name="origin">The unique name of the log: 1 to 255 bytes of UTF-8 without white space, control character or plus sign.</param>
    /// <param name="size">How many leaves.</param>
    /// <param name="root">The root of the tree.</param>
    /// <exception cref="ArgumentException">The origin is malformed or the size is negative.</exception>
    public Checkpoint(string origin, long size, LogHash root)
        : this(origin, size, root, [])
    {
    }

    private Checkpoint(string origin, long size, LogHash root, IReadOnlyList<string> extensions)
    {
        if (!KeyName.IsValid(origin))
        {
            throw new ArgumentException(KeyName.Rule, nameof(origin));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Origin = origin;
        Size = size;
        Root = root;
        Extensions = extensions;
    }

    /// <summary>The name of the log.</summary>
    public string Origin { get; }

    /// <summary>How many leaves.</summary>
    public long Size { get; }

    /// <summary>The root.</summary>
    public LogHash Root { get; }

    /// <summary>Further lines, which the signature covers and nothing here reads. Agt writes none.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Reads the text of a checkpoint.</summary>
    /// <param name="text">The text of a note, with its last line feed.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="error">What is wrong, if it is none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        checkpoint = null;
        string[] lines = text.EndsWith('\n') ? text[..^1].Split('\n') : [];
        if (lines.Length is < 3 or > MaxLines || lines.Any(line => line.Length == 0))
        {
            error = "A checkpoint has three lines (origin, size, root) that end with a line feed, and no empty line.";
            return false;
        }

        if (!KeyName.IsValid(lines[0]))
        {
            error = "The origin of the checkpoint is malformed. " + KeyName.Rule;
            return false;
        }

        if (!TryParseSize(lines[1], out long size))
        {
            error = $"The size of the checkpoint is '{lines[1]}', not a decimal number up to 2^63-1 without sign and leading zero.";
            return false;
        }

        if (!LogHash.TryParseBase64(lines[2], out LogHash root))
        {
            error = "The root of the checkpoint is not 32 bytes in padded base64.";
            return false;
        }

        checkpoint = new Checkpoint(lines[0], size, root, lines[3..]);
        error = null;
        return true;
    }

    /// <summary>The text, with its last line feed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root.ToBase64()}\n");
        foreach (string extension in Extensions)
        {
            text.Append(extension).Append('\n');
        }

        return text.ToString();
    }

    internal static bool TryParseSize(ReadOnlySpan<char> text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (text.Length == 1 || text[0] != '0');
}
