using System.Net;
using System.Net.Sockets;

namespace Agt.Approvals;

/// <summary>Connects to public addresses only. The address that was looked at is the one that is connected to, so that a name cannot mean two places.</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] Others =
    [
        .. new[]
        {
            // IANA special-purpose address registries: this network, private, shared, loopback, link-local, protocol assignments, documentation, benchmarking, multicast, reserved.
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address belongs to the public internet.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            if (address.IsIPv4MappedToIPv6)
            {
                return IsPublic(address.MapToIPv4());
            }

            // Of IPv6 only global unicast, 2000::/3, is public; in it the tunnels 2002::/16 and 2001::/32 and the blocks for documentation are not.
            byte[] bytes = address.GetAddressBytes();
            bool isGlobal = (bytes[0] & 0xe0) == 0x20;
            bool isTunnel = bytes is [0x20, 0x02, ..] or [0x20, 0x01, 0, 0, ..];
            bool isDocumentation = bytes is [0x20, 0x01, 0x0d, 0xb8, ..] or [0x3f, 0xff, < 0x10, ..];
            return isGlobal && !isTunnel && !isDocumentation;
        }

        return address.AddressFamily == AddressFamily.InterNetwork && !Array.Exists(Others, network => network.Contains(address));
    }

    /// <summary>Opens a connection to the first address of a host, if all of them are public.</summary>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, IsPublic))
        {
            throw new HttpRequestException($"'{context.DnsEndPoint.Host}' is not, or not only, an address of the public internet. Set WebhookApprovalOptions.AllowPrivateAddresses if it may be inside.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
