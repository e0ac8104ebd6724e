using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Agt.Policy.Loading;

/// <summary>Refuses files that are not UTF-8, and characters that make a file read otherwise than it looks.</summary>
internal static class FileEncoding
{
    // Controls, and the first bytes of U+0080 to U+00BF, of U+2000 to U+2FFF and from U+F000; what follows those is looked at one by one.
    private static readonly SearchValues<byte> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(b => b is not (9 or 10 or 13)).Select(b => (byte)b), 0x7F, 0xC2, 0xE2, 0xEF]);

    /// <exception cref="DocumentException">The file is not plain UTF-8.</exception>
    internal static void Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            throw new DocumentException("AGTP006", new SourcePosition(1, 1), "The file begins with a byte order mark.", "Save it as UTF-8 without one.");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw new DocumentException("AGTP006", Place(bytes, bytes.Length), "The file is not valid UTF-8.", "Save it as UTF-8.");
        }

        int at = 0;
        while (bytes[at..].IndexOfAny(Suspects) is var next and >= 0)
        {
            at += next;
            Rune.DecodeFromUtf8(bytes[at..], out Rune rune, out int length);
            if (IsHidden(rune.Value))
            {
                throw new DocumentException(
                    "AGTP007", Place(bytes, at), string.Create(CultureInfo.InvariantCulture, $"The file holds U+{rune.Value:X4}, a character that is not seen and changes how text is read or shown."),
                    string.Create(CultureInfo.InvariantCulture, $"Remove it, or write \\u{rune.Value:X4} in double quotes."));
            }

            at += length;
        }
    }

    /// <summary>Controls, line and paragraph separators (line breaks to some readers and not to others), marks that turn the direction of text, blanks without width.</summary>
    private static bool IsHidden(int code) => code is
        (< 0x20 and not ('\t' or '\n' or '\r')) or (>= 0x7F and < 0xA0) or 0x200B or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x2069) or 0xFEFF;

    private static SourcePosition Place(ReadOnlySpan<byte> utf8, int until)
    {
        int line = 1;
        int column = 1;
        utf8 = utf8[..until];
        while (utf8.Length > 0 && Rune.DecodeFromUtf8(utf8, out Rune rune, out int used) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + rune.Utf16SequenceLength);
            utf8 = utf8[used..];
        }

        return new SourcePosition(line, column);
    }
}
