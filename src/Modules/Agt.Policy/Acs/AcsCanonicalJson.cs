using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// The canonical text of the Agent Control Specification (spec 01, section 5.9), which its identities are digests of: members by Unicode code point, no blanks, and numbers that keep whether they are whole.
/// </summary>
/// <remarks>
/// Not RFC 8785: here <c>1</c> and <c>1.0</c> differ, and a whole number up to 64 bits keeps all its digits. For all else in Agt use <see cref="CanonicalJson"/>. Thread-safe.
/// </remarks>
public static class AcsCanonicalJson
{
    /// <summary>Writes the canonical text, UTF-8.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="value">A JSON value; not absent.</param>
    /// <exception cref="ArgumentException">The value, or one in it, is absent, a text that is not Unicode (an unpaired surrogate), or a number beyond a double.</exception>
    public static void Write(IBufferWriter<byte> output, GovernedValue value)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (value.Kind)
        {
            case ValueKind.Absent:
                throw new ArgumentException("An absent value has no canonical text.", nameof(value));
            case ValueKind.Null:
                output.Write("null"u8);
                break;
            case ValueKind.Boolean:
                value.TryGetBoolean(out bool flag);
                output.Write(flag ? "true"u8 : "false"u8);
                break;
            case ValueKind.Integer:
                value.TryGetInt64(out long whole);
                WriteWhole(output, whole);
                break;
            case ValueKind.Double:
                value.TryGetDouble(out double real);
                WriteReal(output, real);
                break;
            case ValueKind.Exact:
                WriteExact(output, value.NumberText()!);
                break;
            case ValueKind.String:
                value.TryGetText(out ReadOnlySpan<char> text);
                WriteText(output, text);
                break;
            case ValueKind.Map:
                WriteMembers(output, value);
                break;
            default:
                WriteItems(output, value);
                break;
        }
    }

    /// <summary>The canonical text, UTF-8.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static byte[] ToUtf8(GovernedValue value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The canonical text.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static string ToString(GovernedValue value) => Encoding.UTF8.GetString(ToUtf8(value));

    /// <summary>Writes a text with the few escapes that the specification has.</summary>
    internal static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        while (true)
        {
            int special = IndexOfSpecial(text);
            ReadOnlySpan<char> plain = special < 0 ? text : text[..special];
            Span<byte> room = output.GetSpan((plain.Length * 3) + 1);
            if (Utf8.FromUtf16(plain, room, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
            {
                throw new ArgumentException("A text holds an unpaired surrogate, which JSON in UTF-8 cannot say.");
            }

            output.Advance(written);
            if (special < 0)
            {
                break;
            }

            WriteEscape(output, text[special]);
            text = text[(special + 1)..];
        }

        output.Write("\""u8);
    }

    private static int IndexOfSpecial(ReadOnlySpan<char> text)
    {
        int mark = text.IndexOfAny('"', '\\');
        int control = (mark < 0 ? text : text[..mark]).IndexOfAnyInRange('\0', '\u001f');
        return control >= 0 ? control : mark;
    }

    private static void WriteEscape(IBufferWriter<byte> output, char special)
    {
        switch (special)
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
                ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
                output.Write([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', digits[special >> 4], digits[special & 0xf]]);
                break;
        }
    }

    private static void WriteWhole(IBufferWriter<byte> output, long whole)
    {
        Span<byte> room = output.GetSpan(20);
        Utf8Formatter.TryFormat(whole, room, out int written);
        output.Advance(written);
    }

    /// <summary>A number that neither a signed 64-bit integer nor the shortest text of a double says.</summary>
    private static void WriteExact(IBufferWriter<byte> output, string lexeme)
    {
        if (lexeme.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            if (long.TryParse(lexeme, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            {
                WriteWhole(output, whole);
                return;
            }

            if (ulong.TryParse(lexeme, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large))
            {
                Span<byte> room = output.GetSpan(20);
                Utf8Formatter.TryFormat(large, room, out int written);
                output.Advance(written);
                return;
            }
        }

        double real = double.Parse(lexeme, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(real))
        {
            throw new ArgumentException("A number is beyond what a double can say.");
        }

        WriteReal(output, real);
    }

    /// <summary>Shortest round trip; plain from 1e-5 up to 1e16, with <c>.0</c> where it is integral; else with an exponent.</summary>
    private static void WriteReal(IBufferWriter<byte> output, double real)
    {
        if (real == 0)
        {
            output.Write(double.IsNegative(real) ? "-0.0"u8 : "0.0"u8);
            return;
        }

        Span<char> shortest = stackalloc char[32];
        real.TryFormat(shortest, out int shortLength, "R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = Decompose(shortest[..shortLength]);
        var text = new StringBuilder(32);
        if (double.IsNegative(real))
        {
            text.Append('-');
        }

        double size = Math.Abs(real);
        if (size is >= 1e-5 and < 1e16)
        {
            AppendPlain(text, digits, exponent);
        }
        else
        {
            text.Append(digits[0]);
            if (digits.Length > 1)
            {
                text.Append('.').Append(digits, 1, digits.Length - 1);
            }

            text.Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent).ToString(CultureInfo.InvariantCulture));
        }

        output.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static void AppendPlain(StringBuilder text, string digits, int exponent)
    {
        if (exponent < 0)
        {
            text.Append("0.").Append('0', -exponent - 1).Append(digits);
        }
        else if (digits.Length <= exponent + 1)
        {
            text.Append(digits).Append('0', exponent + 1 - digits.Length).Append(".0");
        }
        else
        {
            text.Append(digits, 0, exponent + 1).Append('.').Append(digits, exponent + 1, digits.Length - exponent - 1);
        }
    }

    /// <summary>The significant digits, and the power of ten of the first of them.</summary>
    private static (string Digits, int Exponent) Decompose(ReadOnlySpan<char> text)
    {
        text = text.TrimStart('-');
        int exponent = 0;
        int mark = text.IndexOf('E');
        if (mark >= 0)
        {
            exponent = int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..mark];
        }

        int point = text.IndexOf('.');
        string all = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        exponent += (point < 0 ? text.Length : point) - 1;
        int leading = all.AsSpan().IndexOfAnyExcept('0');
        string digits = all[leading..].TrimEnd('0');
        return (digits, exponent - leading);
    }

    private static void WriteItems(IBufferWriter<byte> output, GovernedValue list)
    {
        output.Write("["u8);
        for (int i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            Write(output, list[i]);
        }

        output.Write("]"u8);
    }

    private static void WriteMembers(IBufferWriter<byte> output, GovernedValue map)
    {
        var order = new int[map.Count];
        var names = new string[map.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            names[i] = map.MemberAt(i).Name;
        }

        Array.Sort(names, order, CodePointComparer.Instance);
        output.Write("{"u8);
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteText(output, names[i]);
            output.Write(":"u8);
            Write(output, map[order[i]]);
        }

        output.Write("}"u8);
    }

    /// <summary>Orders texts by code points, where UTF-16 order puts U+1F600 before U+E000.</summary>
    private sealed class CodePointComparer : IComparer<string>
    {
        internal static readonly CodePointComparer Instance = new();

        public int Compare(string? x, string? y)
        {
            ReadOnlySpan<char> left = x;
            ReadOnlySpan<char> right = y;
            int same = left.CommonPrefixLength(right);
            if (same == left.Length || same == right.Length)
            {
                return left.Length.CompareTo(right.Length);
            }

            char one = left[same];
            char other = right[same];
            return char.IsSurrogate(one) == char.IsSurrogate(other) ? one.CompareTo(other) : char.IsSurrogate(one) ? 1 : -1;
        }
    }
}
