using System.Security.Cryptography;

namespace Agt.Approvals;

/// <summary>A secret that seals approval tickets (HMAC-SHA-256; spec 08, 5.4). All processes that suspend and resume share it. Immutable; its text shows nothing of it.</summary>
public sealed class ApprovalTicketKey
{
    private readonly byte[] _bytes;

    /// <summary>Takes a copy of a secret.</summary>
    /// <param name="secret">32 to 64 bytes from a source of random numbers, such as a vault.</param>
    /// <exception cref="ArgumentException">It is shorter or longer, or all its bytes are the same.</exception>
    public ApprovalTicketKey(ReadOnlySpan<byte> secret)
    {
        if (secret.Length is < 32 or > 64 || secret.IndexOfAnyExcept(secret[0]) < 0)
        {
            throw new ArgumentException("A key of approval tickets has 32 to 64 random bytes.", nameof(secret));
        }

        _bytes = secret.ToArray();
    }

    internal byte[] Bytes => _bytes;

    /// <summary>A new key, to be kept where all processes find it.</summary>
    /// <param name="secret">Its bytes.</param>
    public static ApprovalTicketKey Generate(out byte[] secret)
    {
        secret = RandomNumberGenerator.GetBytes(32);
        return new ApprovalTicketKey(secret);
    }

    /// <inheritdoc />
    public override string ToString() => nameof(ApprovalTicketKey);
}
