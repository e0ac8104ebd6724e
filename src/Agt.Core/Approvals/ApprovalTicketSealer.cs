using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agt.Values;

namespace Agt.Approvals;

/// <summary>Seals approval tickets: <c>b64url(P).b64url(HMAC-SHA256(key, "agt-approval-v1\n" + P))</c> with P the canonical JSON of what is bound (ADP 5.4).</summary>
internal sealed class ApprovalTicketSealer
{
    private readonly byte[] _key;

    internal ApprovalTicketSealer()
        : this(RandomNumberGenerator.GetBytes(32))
    {
    }

    internal ApprovalTicketSealer(byte[] key) => _key = key;

    internal string Seal(string id, Digest digest, SessionId session, DateTimeOffset expiresAt, string nonce)
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginMap();
        Text(arena, "digest", digest.ToString());
        arena.Name("exp");
        arena.Write(GovernedValue.From(expiresAt.ToUnixTimeSeconds()));
        Text(arena, "id", id);
        Text(arena, "nonce", nonce);
        Text(arena, "session", session.Value);
        arena.Name("v");
        arena.Write(GovernedValue.From(1L));
        return Seal(CanonicalJson.ToString(arena.End()));
    }

    internal string Seal(string payload)
    {
        byte[] mac = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes("agt-approval-v1\n" + payload));
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload)) + "." + Base64Url.EncodeToString(mac);
    }

    /// <summary>Whether a text is a ticket that was sealed here. What it says, and whether it still counts, is for the record of its request to tell.</summary>
    internal bool IsGenuine(string ticket)
    {
        int dot = ticket.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1 || ticket.Length > 4_096 || !Base64Url.IsValid(ticket.AsSpan(0, dot)))
        {
            return false;
        }

        string payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(ticket.AsSpan(0, dot)));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Seal(payload)), Encoding.UTF8.GetBytes(ticket));
    }

    /// <summary>The id in a ticket that is genuine; null if there is none.</summary>
    internal static string? IdOf(string ticket) => Read(ticket) is { } payload && payload.TryGetMember("id", out GovernedValue id) && id.TryGetText(out ReadOnlySpan<char> text) ? text.ToString() : null;

    /// <summary>Whether a ticket that is genuine says the same as a record.</summary>
    internal static bool Says(string ticket, OpenApprovalTicket open) =>
        Read(ticket) is { } payload && Is(payload, "id", open.Id) && Is(payload, "digest", open.ActionDigest.ToString()) && Is(payload, "session", open.Session.Value) &&
        payload.TryGetMember("exp", out GovernedValue expires) && expires.NumberText() == open.ExpiresAt.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static bool Is(GovernedValue payload, string name, string text) =>
        payload.TryGetMember(name, out GovernedValue value) && value.TryGetText(out ReadOnlySpan<char> said) && said.SequenceEqual(text);

    private static GovernedValue? Read(string ticket)
    {
        try
        {
            return GovernedValue.FromJson(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(ticket.AsSpan(0, ticket.IndexOf('.', StringComparison.Ordinal)))));
        }
        catch (PayloadException)
        {
            return null;
        }
    }

    private static void Text(ValueArena arena, string name, string value)
    {
        arena.Name(name);
        arena.Write(GovernedValue.From(value));
    }
}
