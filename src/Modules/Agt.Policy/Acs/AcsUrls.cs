using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Agt.Policy.Acs;

/// <summary>Which addresses a manifest may name (POL-421).</summary>
internal static class AcsUrls
{
    internal static bool HasScheme(string text)
    {
        int end = text.AsSpan().TrimStart().IndexOf("://", StringComparison.Ordinal);
        ReadOnlySpan<char> scheme = end <= 0 ? default : text.AsSpan().TrimStart()[..end];
        return !scheme.IsEmpty && char.IsAsciiLetter(scheme[0]) && !scheme.ContainsAnyExcept(Scheme);
    }

    private static readonly System.Buffers.SearchValues<char> Scheme =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>Checks an address: HTTPS, nothing but an address, and no host that is this machine or its neighbours.</summary>
    internal static bool TryParse(string text, out Uri? url, out string error)
    {
        error = string.Empty;
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme != Uri.UriSchemeHttps)
        {
            error = "An address in a manifest begins with https://.";
        }
        else if (url.UserInfo.Length > 0)
        {
            error = "An address in a manifest carries no credentials.";
        }
        else if (url.Fragment.Length > 0 || text.Contains('#', StringComparison.Ordinal))
        {
            error = "An address in a manifest has no fragment.";
        }
        else if (IsLocalName(url.IdnHost) || (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out IPAddress? address) && IsForbidden(address)))
        {
            error = "An address in a manifest is not this machine or its own network link.";
        }

        return error.Length == 0;
    }

    /// <summary>Loopback, link-local, unspecified and broadcast, also as IPv4 in IPv6.</summary>
    internal static bool IsForbidden(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? bytes[0] is 0 or 127 || (bytes[0] == 169 && bytes[1] == 254)
            : address.IsIPv6LinkLocal || IsEmbeddedForbidden(bytes[..length]);
    }

    internal static bool TryReadHex(string text, out byte[]? digest)
    {
        digest = null;
        if (text.Trim() is { Length: 64 } hex && hex.All(char.IsAsciiHexDigit))
        {
            digest = Convert.FromHexString(hex);
        }

        return digest is not null;
    }

    internal static bool TryReadIntegrity(string text, out byte[]? digest)
    {
        digest = null;
        string trimmed = text.Trim();
        const string Prefix = "sha256-";
        if (!trimmed.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        // Base64 of either alphabet, padded or not.
        Span<byte> bytes = stackalloc byte[64];
        string url = trimmed[Prefix.Length..].TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (url.Length == 43 && Base64Url.TryDecodeFromChars(url, bytes, out int written) && written == 32)
        {
            digest = bytes[..32].ToArray();
        }

        return digest is not null;
    }

    private static bool IsLocalName(string host)
    {
        string name = host.TrimEnd('.');
        return name.Length == 0 || name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>IPv4 inside IPv6 by other means than mapping: compatible (::a.b.c.d) and NAT64 (64:ff9b::).</summary>
    private static bool IsEmbeddedForbidden(ReadOnlySpan<byte> bytes)
    {
        bool compatible = !bytes[..12].ContainsAnyExcept((byte)0);
        bool translated = bytes[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
        return (compatible || translated) && IsForbidden(new IPAddress(bytes[12..]));
    }
}
