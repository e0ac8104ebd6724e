using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Agt.Audit.Cryptography;

/// <summary>
/// Checks Ed25519 signatures (RFC 8032, 5.1.7) without any library, because this package has no dependency. It accepts what libsodium accepts: keys and points of small order,
/// and numbers that are not fully reduced, are refused. It never signs.
/// </summary>
internal static class Ed25519
{
    internal const int KeyBytes = 32;
    internal const int SignatureBytes = 64;

    /// <summary>The order of the base point.</summary>
    private static readonly BigInteger Order = BigInteger.Parse("01000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    internal static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> r = signature[..32];
        ReadOnlySpan<byte> s = signature[32..];
        if (new BigInteger(s, isUnsigned: true) >= Order || !CurvePoint.TryRead(publicKey, out CurvePoint key) || key.HasSmallOrder ||
            !CurvePoint.TryRead(r, out CurvePoint commitment) || commitment.HasSmallOrder)
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(r);
        hash.AppendData(publicKey);
        hash.AppendData(message);
        Span<byte> wide = stackalloc byte[64];
        hash.GetHashAndReset(wide);
        Span<byte> challenge = stackalloc byte[32];
        challenge.Clear();
        BigInteger.Remainder(new BigInteger(wide, isUnsigned: true), Order).TryWriteBytes(challenge, out _, isUnsigned: true);
        Span<byte> expected = stackalloc byte[32];
        CurvePoint.MultiplyAdd(s, CurvePoint.Base, challenge, -key).Write(expected);
        return expected.SequenceEqual(r);
    }
}
