using System.Net;
using System.Net.Sockets;

namespace Agt.Policy.Acs;

/// <summary>What was fetched, or why not.</summary>
internal sealed record AcsFetched(byte[]? Body, string? Error = null, bool IsTooLarge = false);

/// <summary>
/// Fetches manifests from addresses (POL-421): HTTPS alone, no proxy, no cookies, no credentials, and no connection to this machine or its link, whatever the name resolves to; each redirect likewise.
/// </summary>
internal sealed class AcsFetcher(AcsLoadOptions options) : IDisposable
{
    private readonly Dictionary<string, AcsFetched> _known = new(StringComparer.Ordinal);
    private HttpClient? _client;

    public void Dispose() => _client?.Dispose();

    internal async Task<AcsFetched> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(url.AbsoluteUri, out AcsFetched? known))
        {
            return known;
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Limits.UrlTimeout);
        AcsFetched fetched;
        try
        {
            fetched = await FollowAsync(url, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            fetched = new AcsFetched(null, "It took too long.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            fetched = new AcsFetched(null, exception.Message);
        }

        _known[url.AbsoluteUri] = fetched;
        return fetched;
    }

    private async Task<AcsFetched> FollowAsync(Uri url, CancellationToken cancellationToken)
    {
        HttpClient client = _client ??= new HttpClient(options.Handler ?? NewHandler(), disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        for (int redirects = 0; redirects <= options.Limits.MaxUrlRedirects; redirects++)
        {
            using HttpResponseMessage response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest)
            {
                if (response.Headers.Location is not { } location || !AcsUrls.TryParse(new Uri(url, location).OriginalString, out Uri? next, out string error))
                {
                    return new AcsFetched(null, "It leads to an address that a manifest may not name.");
                }

                url = next!;
                continue;
            }

            return response.IsSuccessStatusCode ? await ReadAsync(response, cancellationToken).ConfigureAwait(false) : new AcsFetched(null, $"HTTP {(int)response.StatusCode}.");
        }

        return new AcsFetched(null, $"It leads on more than {options.Limits.MaxUrlRedirects} times.");
    }

    private async Task<AcsFetched> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            byte[] buffer = new byte[8_192];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > options.Limits.MaxUrlBytes)
                {
                    return new AcsFetched(null, $"The manifest has more than {options.Limits.MaxUrlBytes} bytes.", IsTooLarge: true);
                }

                body.Write(buffer, 0, read);
            }

            return new AcsFetched(body.ToArray());
        }
    }

    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = static async (context, cancellationToken) =>
        {
            // The name is resolved here, and what was checked is what is connected to.
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
            if (addresses.Length == 0 || Array.Exists(addresses, AcsUrls.IsForbidden))
            {
                throw new HttpRequestException("The address resolves to this machine or its own network link.");
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
        },
    };
}
