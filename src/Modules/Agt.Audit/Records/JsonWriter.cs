using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Agt.Audit.Records;

/// <summary>
/// Writes one canonical JSON object (RFC 8785) into a buffer that is used again. Members are written in the order of their names, which the caller keeps to.
/// </summary>
/// <remarks>Not thread-safe. An unpaired surrogate, which JSON text in UTF-8 cannot carry, is written as U+FFFD.</remarks>
internal sealed class JsonWriter : System.Buffers.IBufferWriter<byte>
{
    private static readonly System.Buffers.SearchValues<char> Escaped =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '"', '\\']);

    private byte[] _buffer = new byte[4_096];
    private int _length;

    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    internal int Length => _length;

    internal void Clear() => _length = 0;

    /// <summary>Goes back to a length that was reached before.</summary>
    internal void Truncate(int length) => _length = length;

    internal void Raw(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        _length += utf8.Length;
    }

    /// <summary>The name of a member, with a comma unless it is the first.</summary>
    internal void Name(ReadOnlySpan<byte> name)
    {
        Span<byte> room = Room(name.Length + 4);
        int at = 0;
        if (_buffer[_length - 1] != (byte)'{')
        {
            room[at++] = (byte)',';
        }

        room[at++] = (byte)'"';
        name.CopyTo(room[at..]);
        at += name.Length;
        room[at++] = (byte)'"';
        room[at++] = (byte)':';
        _length += at;
    }

    /// <summary>A member with text; left out if there is none.</summary>
    internal void Member(ReadOnlySpan<byte> name, string? text, int most = 1_024)
    {
        if (!string.IsNullOrEmpty(text))
        {
            Name(name);
            Text(text, most);
        }
    }

    internal void Member(ReadOnlySpan<byte> name, long number)
    {
        Name(name);
        Number(number);
    }

    /// <summary>A text of this many characters at most; what is more is cut off.</summary>
    internal void Text(ReadOnlySpan<char> text, int most)
    {
        text = text.Length > most ? text[..most] : text;
        Raw("\""u8);
        while (true)
        {
            int plain = text.IndexOfAny(Escaped);
            ReadOnlySpan<char> run = plain < 0 ? text : text[..plain];
            Utf8.FromUtf16(run, Room(run.Length * 3), out _, out int written, replaceInvalidSequences: true);
            _length += written;
            if (plain < 0)
            {
                break;
            }

            Escape(text[plain]);
            text = text[(plain + 1)..];
        }

        Raw("\""u8);
    }

    internal void Number(long number)
    {
        number.TryFormat(Room(20), out int written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>A time in UTC with six digits of a second (RFC 3339); what is finer is cut off.</summary>
    internal void Time(DateTimeOffset time)
    {
        Span<byte> room = Room(29);
        room[0] = (byte)'"';
        time.UtcDateTime.TryFormat(room[1..], out int written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    internal void Hex(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Room((2 * bytes.Length) + 2);
        room[0] = (byte)'"';
        Convert.TryToHexStringLower(bytes, room[1..], out int written);
        room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    void System.Buffers.IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> System.Buffers.IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    Span<byte> System.Buffers.IBufferWriter<byte>.GetSpan(int sizeHint) => Room(Math.Max(sizeHint, 1));

    private void Escape(char c)
    {
        switch (c)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\b':
                Raw("\\b"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\f':
                Raw("\\f"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            default:
                Raw(Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"));
                break;
        }
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }

        return _buffer.AsSpan(_length);
    }
}
