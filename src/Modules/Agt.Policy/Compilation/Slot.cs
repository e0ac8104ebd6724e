using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>A field as one evaluation read it: taken apart once, however many rules ask for it.</summary>
internal struct Slot
{
    internal GovernedValue Value;

    /// <summary>The whole number, the bits of the double, 1 for true, or the <see cref="PrintOf"/> of the text.</summary>
    internal long Number;
    internal ValueKind Kind;
    internal bool IsRead;

    /// <summary>A bit for each pattern of the field's set that is found in its text; null if that was not asked yet.</summary>
    internal ulong[]? Found;

    internal void Read(FieldPath field, ref readonly PolicyInput input)
    {
        Value = field.Read(in input);
        Kind = Value.Kind;
        Number = Kind switch
        {
            ValueKind.Integer when Value.TryGetInt64(out long whole) => whole,
            ValueKind.Double when Value.TryGetDouble(out double real) => BitConverter.DoubleToInt64Bits(real),
            ValueKind.String when Value.TryGetText(out ReadOnlySpan<char> text) => PrintOf(text),
            ValueKind.Boolean when Value.TryGetBoolean(out bool flag) && flag => 1,
            _ => 0,
        };
        IsRead = true;
    }

    /// <summary>Length, first and last character in one number: texts that differ in it differ.</summary>
    internal static long PrintOf(ReadOnlySpan<char> text) =>
        text.IsEmpty ? 0 : (long)(((ulong)text[0] << 48) | ((ulong)text[^1] << 32) | (uint)text.Length);
}
