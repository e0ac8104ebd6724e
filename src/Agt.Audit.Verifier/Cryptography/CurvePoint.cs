namespace Agt.Audit.Cryptography;

/// <summary>A point of edwards25519 in extended coordinates (RFC 8032, 5.1.4). Its time depends on its value: only for public data.</summary>
internal readonly struct CurvePoint
{
    private static readonly FieldElement TwiceD = FieldElement.D + FieldElement.D;
    private readonly FieldElement _x;
    private readonly FieldElement _y;
    private readonly FieldElement _z;
    private readonly FieldElement _t;

    private CurvePoint(FieldElement x, FieldElement y, FieldElement z, FieldElement t) => (_x, _y, _z, _t) = (x, y, z, t);

    internal static CurvePoint Identity { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The base point: y is 4/5, x is even.</summary>
    internal static CurvePoint Base { get; } = ReadBase();

    internal bool IsIdentity => _x.IsZero && _y.Equals(_z);

    /// <summary>Whether eight times the point is the identity: it has no part in the large subgroup.</summary>
    internal bool HasSmallOrder => Double().Double().Double().IsIdentity;

    /// <summary>Reads a point. A coordinate that is not below the modulus, or for which there is no point, is refused.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out CurvePoint point)
    {
        point = default;
        FieldElement y = FieldElement.Read(bytes);
        Span<byte> canonical = stackalloc byte[32];
        y.Write(canonical);
        bool odd = bytes[31] >> 7 == 1;
        canonical[31] |= (byte)(bytes[31] & 0x80);
        if (!canonical.SequenceEqual(bytes))
        {
            return false;
        }

        FieldElement square = y * y;
        FieldElement u = square - FieldElement.One;
        FieldElement v = (square * FieldElement.D) + FieldElement.One;
        FieldElement v3 = v * v * v;
        FieldElement x = u * v3 * (u * v3 * v3 * v).PowerForRoot();
        FieldElement check = v * x * x;
        if (!check.Equals(u))
        {
            if (!check.Equals(-u))
            {
                return false;
            }

            x *= FieldElement.RootOfMinusOne;
        }

        if (x.IsZero && odd)
        {
            return false;
        }

        if (x.IsOdd != odd)
        {
            x = -x;
        }

        point = new(x, y, FieldElement.One, x * y);
        return true;
    }

    internal void Write(Span<byte> bytes)
    {
        FieldElement inverse = _z.Invert();
        (_y * inverse).Write(bytes);
        if ((_x * inverse).IsOdd)
        {
            bytes[31] |= 0x80;
        }
    }

    /// <summary>A multiple of one point and a multiple of another, together.</summary>
    internal static CurvePoint MultiplyAdd(ReadOnlySpan<byte> a, CurvePoint p, ReadOnlySpan<byte> b, CurvePoint q)
    {
        CurvePoint both = p + q;
        CurvePoint sum = Identity;
        for (int bit = 255; bit >= 0; bit--)
        {
            sum = sum.Double();
            bool inA = (a[bit >> 3] >> (bit & 7) & 1) == 1;
            bool inB = (b[bit >> 3] >> (bit & 7) & 1) == 1;
            if (inA || inB)
            {
                sum += inA && inB ? both : inA ? p : q;
            }
        }

        return sum;
    }

    public static CurvePoint operator +(CurvePoint p, CurvePoint q)
    {
        FieldElement a = (p._y - p._x) * (q._y - q._x);
        FieldElement b = (p._y + p._x) * (q._y + q._x);
        FieldElement c = p._t * TwiceD * q._t;
        FieldElement d = p._z * q._z;
        d += d;
        FieldElement e = b - a;
        FieldElement f = d - c;
        FieldElement g = d + c;
        FieldElement h = b + a;
        return new(e * f, g * h, f * g, e * h);
    }

    public static CurvePoint operator -(CurvePoint p) => new(-p._x, p._y, p._z, -p._t);

    internal CurvePoint Double()
    {
        FieldElement a = _x * _x;
        FieldElement b = _y * _y;
        FieldElement c = _z * _z;
        c += c;
        FieldElement h = a + b;
        FieldElement sum = _x + _y;
        FieldElement e = h - (sum * sum);
        FieldElement g = a - b;
        FieldElement f = c + g;
        return new(e * f, g * h, f * g, e * h);
    }

    private static CurvePoint ReadBase()
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes.Fill(0x66);
        bytes[0] = 0x58;
        TryRead(bytes, out CurvePoint point);
        return point;
    }
}
