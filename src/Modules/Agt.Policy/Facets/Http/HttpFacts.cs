using System.Net;
using System.Net.Sockets;

namespace Agt.Policy.Facets.Http;

/// <summary>Where a request goes, read as the client that sends it will read it.</summary>
internal sealed record HttpFacts(string Method, string Scheme, string Host, long Port, string Path, bool IsAddress, bool IsInternal, bool HasUser)
{
    internal const string Unknown = "UNKNOWN";

    internal static HttpFacts None { get; } = new(string.Empty, string.Empty, string.Empty, 0, string.Empty, false, false, false);

    internal static HttpFacts Of(string? method, string url)
    {
        string verb = method is null ? "GET" : method.Length is > 0 and <= 32 && method.All(c => char.IsAsciiLetter(c) || c == '-') ? method.ToUpperInvariant() : Unknown;

        // Clients drop tabs and line ends inside an address, and read a backslash as a slash, some of them.
        if (url.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 || url.Contains('\\', StringComparison.Ordinal) || !Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.HostNameType == UriHostNameType.Unknown
            || !url.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase))
        {
            return None with { Method = verb, Scheme = Unknown, Host = Unknown };
        }

        string host = uri.IdnHost.TrimEnd('.').ToLowerInvariant();
        bool isAddress = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address);
        bool isInternal = isAddress ? IsInternalAddress(address!) : !host.Contains('.', StringComparison.Ordinal) || EndsIn(host, "localhost") || EndsIn(host, "local") || EndsIn(host, "internal");
        return new HttpFacts(verb, uri.Scheme, isAddress ? address!.ToString() : host, uri.Port, Uri.UnescapeDataString(uri.AbsolutePath), isAddress, isInternal, uri.UserInfo.Length > 0);
    }

    private static bool EndsIn(string host, string domain) => host == domain || host.EndsWith("." + domain, StringComparison.Ordinal);

    /// <summary>Addresses that name no host of the public internet (IANA special-purpose registries).</summary>
    private static bool IsInternalAddress(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return bytes[0] is 0 or 10 or 127 or >= 224
                || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31)
                || (bytes[0] == 192 && bytes[1] == 168)
                || (bytes[0] == 169 && bytes[1] == 254)
                || (bytes[0] == 100 && bytes[1] is >= 64 and <= 127)
                || (bytes[0] == 198 && bytes[1] is 18 or 19)
                || (bytes[0] == 192 && bytes[1] == 0 && bytes[2] is 0 or 2);
        }

        if (bytes[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]))
        {
            return IsInternalAddress(new IPAddress(bytes[12..]));
        }

        return address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast;
    }
}
