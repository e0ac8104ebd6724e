using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Agt.Values;

/// <summary>
/// The canonical form of a value by RFC 8785 (JSON Canonicalization Scheme), for digests.
/// </summary>
/// <remarks>
/// RFC 8785 writes every number as a double. A number that a double does not hold exactly is never rounded here: it is written as an object with the
/// one member <c>U+0000 number</c> and its text, which no payload can contain. A set is written as an object with the one member <c>U+0000 set</c>.
/// </remarks>
public static class CanonicalJson
{
    private const long MaxExact = 1L << 53;

    /// <summary>Writes the canonical form, UTF-8.</summary>
    /// <exception cref="ArgumentException">The value is absent.</exception>
    public static void Write(IBufferWriter<byte> output, GovernedValue value)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (value.Kind)
        {
            case ValueKind.Absent:
                throw new ArgumentException("An absent value has no canonical form.", nameof(value));
            case ValueKind.Null:
                output.Write("null"u8);
                break;
            case ValueKind.Boolean:
                value.TryGetBoolean(out bool flag);
                output.Write(flag ? "true"u8 : "false"u8);
                break;
            case ValueKind.Integer:
                value.TryGetInt64(out long integer);
                WriteInteger(output, integer);
                break;
            case ValueKind.Double:
                value.TryGetDouble(out double real);
                WriteDouble(output, real);
                break;
            case ValueKind.Exact:
                WriteTagged(output, value.NumberText()!);
                break;
            case ValueKind.String:
                value.TryGetText(out ReadOnlySpan<char> text);
                WriteString(output, text);
                break;
            case ValueKind.Map:
                WriteMembers(output, value.Entries());
                break;
            case ValueKind.Set:
                output.Write("{\"\\u0000set\":"u8);
                WriteItems(output, value);
                output.Write("}"u8);
                break;
            default:
                WriteItems(output, value);
                break;
        }
    }

    /// <summary>The canonical form as text.</summary>
    public static string ToString(GovernedValue value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, value);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>SHA-256 of the canonical form.</summary>
    public static Digest DigestOf(GovernedValue value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, value);
        return Digest.Of(output.WrittenSpan);
    }

    /// <summary>Writes a JSON string with the escapes of RFC 8785 section 3.2.2.2. An unpaired surrogate, which has no UTF-8 form, is written as <c>\ud800</c> to <c>\udfff</c>, so that different texts stay different.</summary>
    public static void WriteString(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("\""u8);
        while (true)
        {
            int plain = IndexOfEscaped(text);
            ReadOnlySpan<char> run = plain < 0 ? text : text[..plain];
            WriteUtf8(output, run);
            if (plain < 0)
            {
                break;
            }

            WriteEscape(output, text[plain]);
            text = text[(plain + 1)..];
        }

        output.Write("\""u8);
    }

    private static int IndexOfEscaped(ReadOnlySpan<char> text)
    {
        int quote = text.IndexOfAny('"', '\\');
        ReadOnlySpan<char> before = quote < 0 ? text : text[..quote];
        int control = before.IndexOfAnyInRange('\0', '\u001f');
        return control >= 0 ? control : quote;
    }

    private static void WriteUtf8(IBufferWriter<byte> output, ReadOnlySpan<char> run)
    {
        while (run.Length > 0)
        {
            Span<byte> room = output.GetSpan(run.Length * 3);
            OperationStatus status = Utf8.FromUtf16(run, room, out int read, out int written, replaceInvalidSequences: false);
            output.Advance(written);
            run = run[read..];
            if (status != OperationStatus.Done)
            {
                WriteUnpaired(output, run[0]);
                run = run[1..];
            }
        }
    }

    private static void WriteUnpaired(IBufferWriter<byte> output, char surrogate)
    {
        Span<byte> room = output.GetSpan(6);
        "\\u"u8.CopyTo(room);
        ((int)surrogate).TryFormat(room[2..], out _, "x4", CultureInfo.InvariantCulture);
        output.Advance(6);
    }

    private static void WriteEscape(IBufferWriter<byte> output, char c)
    {
        switch (c)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\b':
                output.Write("\\b"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\f':
                output.Write("\\f"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            default:
                Span<byte> room = output.GetSpan(6);
                "\\u00"u8.CopyTo(room);
                room[4] = (byte)(c < 16 ? '0' : '1');
                room[5] = (byte)"0123456789abcdef"[c & 15];
                output.Advance(6);
                break;
        }
    }

    private static void WriteInteger(IBufferWriter<byte> output, long value)
    {
        if (value is > MaxExact or < -MaxExact && (long)(double)value != value || value == long.MaxValue)
        {
            WriteTagged(output, value.ToString(CultureInfo.InvariantCulture));
        }
        else if (value is >= -MaxExact and <= MaxExact)
        {
            Span<byte> room = output.GetSpan(20);
            value.TryFormat(room, out int length, default, CultureInfo.InvariantCulture);
            output.Advance(length);
        }
        else
        {
            WriteDouble(output, value);
        }
    }

    private static void WriteTagged(IBufferWriter<byte> output, string number)
    {
        output.Write("{\"\\u0000number\":"u8);
        WriteString(output, number);
        output.Write("}"u8);
    }

    /// <summary>ECMAScript's Number::toString (RFC 8785 section 3.2.2.3).</summary>
    private static void WriteDouble(IBufferWriter<byte> output, double value)
    {
        if (value == 0)
        {
            output.Write("0"u8);
            return;
        }

        Span<byte> shortest = stackalloc byte[32];
        Math.Abs(value).TryFormat(shortest, out int length, "R", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[32];
        (int count, int point) = Digits(shortest[..length], digits);
        digits = digits[..count];
        Span<byte> room = output.GetSpan(40);
        int used = 0;
        if (value < 0)
        {
            room[used++] = (byte)'-';
        }

        if (point is > 0 and <= 21)
        {
            for (int i = 0; i < Math.Max(point, count); i++)
            {
                if (i == point)
                {
                    room[used++] = (byte)'.';
                }

                room[used++] = i < count ? digits[i] : (byte)'0';
            }
        }
        else if (point is > -6 and <= 0)
        {
            room[used++] = (byte)'0';
            room[used++] = (byte)'.';
            room.Slice(used, -point).Fill((byte)'0');
            used -= point;
            digits.CopyTo(room[used..]);
            used += count;
        }
        else
        {
            room[used++] = digits[0];
            if (count > 1)
            {
                room[used++] = (byte)'.';
                digits[1..].CopyTo(room[used..]);
                used += count - 1;
            }

            room[used++] = (byte)'e';
            room[used++] = (byte)(point > 0 ? '+' : '-');
            Math.Abs(point - 1).TryFormat(room[used..], out int written, default, CultureInfo.InvariantCulture);
            used += written;
        }

        output.Advance(used);
    }

    /// <summary>Splits a formatted positive number into its significant digits and where the point stands after the first of them.</summary>
    private static (int Count, int Point) Digits(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        int exponent = 0;
        int mark = text.IndexOf((byte)'E');
        if (mark >= 0)
        {
            exponent = int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..mark];
        }

        int point = text.IndexOf((byte)'.');
        int whole = point < 0 ? text.Length : point;
        int count = 0;
        int leadingZeros = 0;
        foreach (byte b in text)
        {
            if (b == (byte)'.')
            {
                continue;
            }

            if (b == (byte)'0' && count == 0)
            {
                leadingZeros++;
                continue;
            }

            digits[count++] = b;
        }

        while (count > 1 && digits[count - 1] == (byte)'0')
        {
            count--;
        }

        return (count, whole - leadingZeros + exponent);
    }

    private static void WriteItems(IBufferWriter<byte> output, GovernedValue value)
    {
        output.Write("["u8);
        int count = value.Count;
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            Write(output, value[i]);
        }

        output.Write("]"u8);
    }

    private static void WriteMembers(IBufferWriter<byte> output, ReadOnlySpan<ValueEntry> members)
    {
        int[]? rented = members.Length > 64 ? ArrayPool<int>.Shared.Rent(members.Length) : null;
        Span<int> order = rented is null ? stackalloc int[members.Length] : rented.AsSpan(0, members.Length);
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        // At most 16 members are unsorted (a longer map is sorted when it is frozen), and an insertion sort of sorted input is linear.
        for (int i = 1; i < order.Length; i++)
        {
            int item = order[i];
            int at = i;
            while (at > 0 && string.CompareOrdinal(members[order[at - 1]].Name, members[item].Name) > 0)
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = item;
        }

        output.Write("{"u8);
        for (int i = 0; i < order.Length; i++)
        {
            ref readonly ValueEntry member = ref members[order[i]];
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteString(output, member.Name);
            output.Write(":"u8);
            Write(output, member.Value);
        }

        output.Write("}"u8);
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
