using NSec.Cryptography;

namespace Agt.Policy.Signing;

/// <summary>Whose signature of policy files is trusted. Immutable.</summary>
public sealed class PolicySigner
{
    /// <summary>Names a signer.</summary>
    /// <param name="keyId">How signatures and decisions name the key, 1 to 128 characters; the <c>kid</c> of RFC 7515.</param>
    /// <param name="publicKey">The Ed25519 public key, 32 bytes (RFC 8032).</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the bytes are no public key.</exception>
    public PolicySigner(string keyId, ReadOnlySpan<byte> publicKey)
    {
        PolicyKey.CheckId(keyId);
        KeyId = keyId;
        Key = NSec.Cryptography.PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out PublicKey? key)
            ? key!
            : throw new ArgumentException("An Ed25519 public key has 32 bytes and names a point of the curve.", nameof(publicKey));
    }

    /// <summary>The name of the key.</summary>
    public string KeyId { get; }

    internal PublicKey Key { get; }

    /// <summary>Reads a public key.</summary>
    /// <param name="json">A JSON Web Key (RFC 8037): <c>kty</c> OKP, <c>crv</c> Ed25519, <c>kid</c> and <c>x</c>. One with the private key is refused, for it does not belong where policies are read.</param>
    /// <exception cref="FormatException">It is no such key.</exception>
    public static PolicySigner FromJsonWebKey(string json)
    {
        (string keyId, byte[] x, byte[]? d) = PolicyKey.Read(json);
        if (d is not null)
        {
            throw new FormatException("This is the private key; whoever checks signatures needs the public one only.");
        }

        try
        {
            return new PolicySigner(keyId, x);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException("The key's 'x' is no Ed25519 public key.", exception);
        }
    }
}
