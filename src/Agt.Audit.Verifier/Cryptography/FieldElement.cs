using System.Buffers.Binary;

namespace Agt.Audit.Cryptography;

/// <summary>A number modulo 2^255 - 19 in five limbs of 51 bits. Its time depends on its value: only for public data.</summary>
internal readonly struct FieldElement
{
    private const ulong Mask = (1UL << 51) - 1;
    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;
    private readonly ulong _4;

    private FieldElement(ulong a, ulong b, ulong c, ulong d, ulong e) => (_0, _1, _2, _3, _4) = (a, b, c, d, e);

    internal static FieldElement Zero => default;

    internal static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>-121665/121666, the constant of the curve.</summary>
    internal static FieldElement D { get; } = FromHex("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");

    /// <summary>A square root of -1.</summary>
    internal static FieldElement RootOfMinusOne { get; } = FromHex("2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0");

    internal bool IsZero
    {
        get
        {
            Span<byte> bytes = stackalloc byte[32];
            Write(bytes);
            return bytes.IndexOfAnyExcept((byte)0) < 0;
        }
    }

    internal bool IsOdd
    {
        get
        {
            Span<byte> bytes = stackalloc byte[32];
            Write(bytes);
            return (bytes[0] & 1) == 1;
        }
    }

    /// <summary>Reads 255 bits, little-endian; the highest bit is left out.</summary>
    internal static FieldElement Read(ReadOnlySpan<byte> bytes)
    {
        ulong a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        ulong d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new(a & Mask, (a >> 51 | b << 13) & Mask, (b >> 38 | c << 26) & Mask, (c >> 25 | d << 39) & Mask, d >> 12 & Mask);
    }

    /// <summary>Writes the one number below the modulus, little-endian.</summary>
    internal void Write(Span<byte> bytes)
    {
        FieldElement reduced = Carry(Carry(this));

        // Adding 19 carries out of the top exactly when the number is at least the modulus.
        ulong quotient = (reduced._0 + 19) >> 51;
        quotient = (reduced._1 + quotient) >> 51;
        quotient = (reduced._2 + quotient) >> 51;
        quotient = (reduced._3 + quotient) >> 51;
        quotient = (reduced._4 + quotient) >> 51;
        ulong a = reduced._0 + (19 * quotient);
        ulong b = reduced._1 + (a >> 51);
        ulong c = reduced._2 + (b >> 51);
        ulong d = reduced._3 + (c >> 51);
        ulong e = (reduced._4 + (d >> 51)) & Mask;
        a &= Mask;
        b &= Mask;
        c &= Mask;
        d &= Mask;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, a | b << 51);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], b >> 13 | c << 38);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], c >> 26 | d << 25);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], d >> 39 | e << 12);
    }

    public static FieldElement operator +(FieldElement x, FieldElement y) => Carry(new(x._0 + y._0, x._1 + y._1, x._2 + y._2, x._3 + y._3, x._4 + y._4));

    public static FieldElement operator -(FieldElement x, FieldElement y) =>

        // Twice the modulus keeps every limb positive.
        Carry(new(
            x._0 + 0xFFFFFFFFFFFDA - y._0, x._1 + 0xFFFFFFFFFFFFE - y._1, x._2 + 0xFFFFFFFFFFFFE - y._2, x._3 + 0xFFFFFFFFFFFFE - y._3, x._4 + 0xFFFFFFFFFFFFE - y._4));

    public static FieldElement operator *(FieldElement x, FieldElement y)
    {
        ulong y1 = 19 * y._1;
        ulong y2 = 19 * y._2;
        ulong y3 = 19 * y._3;
        ulong y4 = 19 * y._4;
        UInt128 a = Wide(x._0, y._0) + Wide(x._1, y4) + Wide(x._2, y3) + Wide(x._3, y2) + Wide(x._4, y1);
        UInt128 b = Wide(x._0, y._1) + Wide(x._1, y._0) + Wide(x._2, y4) + Wide(x._3, y3) + Wide(x._4, y2);
        UInt128 c = Wide(x._0, y._2) + Wide(x._1, y._1) + Wide(x._2, y._0) + Wide(x._3, y4) + Wide(x._4, y3);
        UInt128 d = Wide(x._0, y._3) + Wide(x._1, y._2) + Wide(x._2, y._1) + Wide(x._3, y._0) + Wide(x._4, y4);
        UInt128 e = Wide(x._0, y._4) + Wide(x._1, y._3) + Wide(x._2, y._2) + Wide(x._3, y._1) + Wide(x._4, y._0);
        b += (ulong)(a >> 51);
        c += (ulong)(b >> 51);
        d += (ulong)(c >> 51);
        e += (ulong)(d >> 51);
        ulong over = (ulong)(e >> 51);
        ulong low = ((ulong)a & Mask) + (19 * over);
        return new(low & Mask, ((ulong)b & Mask) + (low >> 51), (ulong)c & Mask, (ulong)d & Mask, (ulong)e & Mask);
    }

    public static FieldElement operator -(FieldElement x) => Zero - x;

    /// <summary>The inverse; zero for zero.</summary>
    internal FieldElement Invert() => Power("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeb");

    /// <summary>To the power (p-5)/8, the start of a square root (RFC 8032, 5.1.3).</summary>
    internal FieldElement PowerForRoot() => Power("0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd");

    internal bool Equals(FieldElement other) => (this - other).IsZero;

    private static UInt128 Wide(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x, y, out ulong low);
        return new UInt128(high, low);
    }

    private static FieldElement Carry(FieldElement x)
    {
        ulong b = x._1 + (x._0 >> 51);
        ulong c = x._2 + (b >> 51);
        ulong d = x._3 + (c >> 51);
        ulong e = x._4 + (d >> 51);
        return new((x._0 & Mask) + (19 * (e >> 51)), b & Mask, c & Mask, d & Mask, e & Mask);
    }

    private static FieldElement FromHex(string bigEndian)
    {
        byte[] bytes = Convert.FromHexString(bigEndian);
        Array.Reverse(bytes);
        return Read(bytes);
    }

    private FieldElement Power(string exponent)
    {
        FieldElement result = One;
        foreach (byte bits in Convert.FromHexString(exponent))
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                result *= result;
                if ((bits >> bit & 1) == 1)
                {
                    result *= this;
                }
            }
        }

        return result;
    }
}
