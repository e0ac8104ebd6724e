using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agt.Approvals;

/// <summary>
/// Signatures of messages between a host and who approves: HMAC-SHA256 over id, time and body, in the headers <c>webhook-id</c>, <c>webhook-timestamp</c> and <c>webhook-signature</c>
/// (Standard Webhooks 1.0, symmetric scheme <c>v1</c>). Thread-safe.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header with the id of the message.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the time, in seconds since 1970 (UTC).</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signature.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Bytes that a secret has at least (Standard Webhooks 1.0: 24 to 64; here 32).</summary>
    public const int MinSecretBytes = 32;

    /// <summary>How far the clocks of both sides may be apart.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Signs a message.</summary>
    /// <param name="secret">What both sides know, 32 bytes or more.</param>
    /// <param name="id">The id of the message.</param>
    /// <param name="timestamp">The time, in seconds since 1970 (UTC).</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <returns>The value of the signature header, <c>v1,</c> and base64.</returns>
    /// <exception cref="ArgumentException">The secret is too short, or the id is empty or has a dot.</exception>
    public static string Sign(ReadOnlySpan<byte> secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        CheckSecret(secret);
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (id.Contains('.', StringComparison.Ordinal))
        {
            throw new ArgumentException("The id of a message has no dot: it would make two messages of one text.", nameof(id));
        }

        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        mac.AppendData(body);
        return "v1," + Convert.ToBase64String(mac.GetHashAndReset());
    }

    /// <summary>Checks a message.</summary>
    /// <param name="secret">What both sides know.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="signature">The value of <see cref="SignatureHeader"/>; several, with blanks between them, while a secret is changed.</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <param name="now">The time of this side.</param>
    /// <returns>Whether one of the signatures holds and the message is of now. Who must not take one twice remembers ids for twice <see cref="Tolerance"/>.</returns>
    public static bool Verify(ReadOnlySpan<byte> secret, string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        CheckSecret(secret);
        if (string.IsNullOrWhiteSpace(id) || id.Contains('.', StringComparison.Ordinal) || signature is null
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
        {
            return false;
        }

        byte[] expected = Encoding.ASCII.GetBytes(Sign(secret, id, seconds, body));
        bool holds = false;
        foreach (string each in signature.Split(' ', 8))
        {
            holds |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(each), expected);
        }

        return holds;
    }

    internal static void CheckSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < MinSecretBytes)
        {
            throw new ArgumentException($"The secret has {secret.Length} bytes; it needs {MinSecretBytes} or more, from a random generator.", nameof(secret));
        }
    }
}
