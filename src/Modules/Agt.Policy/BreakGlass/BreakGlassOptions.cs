using System.Security.Cryptography;

namespace Agt.Policy.BreakGlass;

/// <summary>Who may break the glass, and for how long. Not thread-safe; settled before the host starts.</summary>
public sealed class BreakGlassOptions
{
    /// <summary>The longest that any host may allow.</summary>
    public static readonly TimeSpan LongestDuration = TimeSpan.FromHours(24);

    internal Dictionary<string, byte[]> Signers { get; } = new(StringComparer.Ordinal);

    /// <summary>The longest a grant may last. More than zero, at most 24 hours; default an hour.</summary>
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Authorises a person.</summary>
    /// <param name="person">Who, as the host's identity system names them; the user of an action who bears this name cannot profit from a grant they signed.</param>
    /// <param name="publicKey">The public key, SubjectPublicKeyInfo in PEM, on the curve P-256.</param>
    /// <exception cref="ArgumentException">That is no such key, or the person or the key is there already.</exception>
    public BreakGlassOptions AddSigner(string person, string publicKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(person);
        ArgumentException.ThrowIfNullOrWhiteSpace(publicKey);
        byte[] key;
        try
        {
            using var algorithm = ECDsa.Create();
            algorithm.ImportFromPem(publicKey);
            if (algorithm.KeySize != 256 || algorithm.ExportParameters(false).Curve.Oid.Value != "1.2.840.10045.3.1.7")
            {
                throw new ArgumentException($"The key of '{person}' is not on the curve P-256.", nameof(publicKey));
            }

            key = algorithm.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException exception)
        {
            throw new ArgumentException($"The key of '{person}' is no public key in PEM.", nameof(publicKey), exception);
        }

        if (Signers.Keys.Any(known => string.Equals(known, person, StringComparison.OrdinalIgnoreCase)) || Signers.Values.Any(known => known.AsSpan().SequenceEqual(key)))
        {
            throw new ArgumentException($"'{person}', or the key, is there already: two people need two names and two keys.", nameof(person));
        }

        Signers.Add(person, key);
        return this;
    }
}
