using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agt.Values;

namespace Agt.Audit.Records;

/// <summary>Writes JSON that was read in the canonical form of RFC 8785; a whole number that a double cannot hold becomes a text (spec 09, AUD-111).</summary>
internal static class CanonicalElement
{
    private const long MaxExact = 9_007_199_254_740_991;

    internal static byte[] Write(JsonElement element, bool keepNulls = false)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, element, keepNulls);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(IBufferWriter<byte> output, JsonElement element, bool keepNulls)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(output, element, keepNulls);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                bool any = false;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    output.Write(any ? ","u8 : default);
                    any = true;
                    Write(output, item, keepNulls);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                CanonicalJson.WriteString(output, element.GetString()!);
                break;
            case JsonValueKind.Number:
                WriteNumber(output, element);
                break;
            default:
                output.Write(element.ValueKind switch { JsonValueKind.True => "true"u8, JsonValueKind.False => "false"u8, _ => "null"u8 });
                break;
        }
    }

    private static void WriteObject(IBufferWriter<byte> output, JsonElement element, bool keepNulls)
    {
        output.Write("{"u8);
        bool any = false;
        foreach (JsonProperty member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            // A member without a value is left out: there is one form of a record.
            if (member.Value.ValueKind == JsonValueKind.Null && !keepNulls)
            {
                continue;
            }

            output.Write(any ? ","u8 : default);
            any = true;
            CanonicalJson.WriteString(output, member.Name);
            output.Write(":"u8);
            Write(output, member.Value, keepNulls);
        }

        output.Write("}"u8);
    }

    private static void WriteNumber(IBufferWriter<byte> output, JsonElement element)
    {
        string text = element.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) || whole is > MaxExact or < -MaxExact)
            {
                CanonicalJson.WriteString(output, text);
                return;
            }

            CanonicalJson.Write(output, GovernedValue.From(whole));
            return;
        }

        CanonicalJson.Write(output, element.TryGetDouble(out double number) && double.IsFinite(number) ? GovernedValue.From(number) : throw new InvalidRecordException($"The number {text} is beyond those of JSON."));
    }
}
