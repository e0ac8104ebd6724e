using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Agt.Approvals;

/// <summary>
/// Asks for approvals over HTTP: posts the request, signed, to one address, and asks there until there is a signed answer (spec 01, POL-232; docs/approvals.md).
/// </summary>
/// <remarks>
/// Thread-safe. Only that address is ever spoken to: redirects, proxies and addresses in answers are not followed, and without <see cref="WebhookApprovalOptions.AllowPrivateAddresses"/> it must be public.
/// Whatever goes wrong refuses: an answer without a valid signature, for another request, too long, or none before the request expires. Dispose it with the host.
/// </remarks>
public sealed class WebhookApprovalBroker : IApprovalBroker, IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private readonly HttpClient _client;
    private readonly WebhookApprovalOptions _options;
    private readonly TimeProvider _time;
    private readonly byte[] _secret;
    private readonly byte[] _answerSecret;

    /// <summary>Creates the broker.</summary>
    /// <param name="options">Where and how; copied.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentException">Something is missing or out of range.</exception>
    public WebhookApprovalBroker(WebhookApprovalOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = new WebhookApprovalOptions { Url = options.Url, PollInterval = options.PollInterval, RequestTimeout = options.RequestTimeout, MaxFailures = options.MaxFailures };
        _time = time ?? TimeProvider.System;
        _secret = options.Secret.ToArray();
        _answerSecret = options.AnswerSecret.IsEmpty ? _secret : options.AnswerSecret.ToArray();
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 16,
        };
        if (!options.AllowPrivateAddresses)
        {
            handler.ConnectCallback = PublicAddresses.ConnectAsync;
        }

        _client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    /// <inheritdoc />
    public async ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        byte[] body = WebhookMessage.Ask(request);
        byte[] poll = WebhookMessage.Poll(request);
        int failures = 0;
        bool asked = false;
        try
        {
            while (true)
            {
                try
                {
                    if (await ExchangeAsync(request, asked ? poll : body, cancellationToken).ConfigureAwait(false) is { } answer)
                    {
                        return answer;
                    }

                    asked = true;
                    failures = 0;
                }
                catch (WebhookFailedException) when (++failures <= _options.MaxFailures)
                {
                    // The receiver knows the request by its id, so that asking again is no second request.
                }

                await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await WithdrawAsync(request).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    /// <summary>One message and its answer.</summary>
    /// <returns>The answer, or null if nobody has answered yet.</returns>
    private async Task<ApprovalResponse?> ExchangeAsync(ApprovalRequest request, byte[] body, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using HttpRequestMessage message = Sign(request, body);
            using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseContentRead, both.Token).ConfigureAwait(false);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return Verified(request, response, await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false));
                case HttpStatusCode.Accepted or HttpStatusCode.NoContent:
                    return null;
                case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                    throw new WebhookFailedException($"The receiver of approvals answered {(int)response.StatusCode}.");
                default:
                    throw new InvalidOperationException($"The receiver of approvals answered {(int)response.StatusCode}; expected are 200 with an answer and 202 while there is none.");
            }
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new InvalidOperationException($"The answer of the receiver of approvals has more than {MaxAnswerBytes} bytes.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new WebhookFailedException("The receiver of approvals cannot be reached: " + exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new WebhookFailedException("The receiver of approvals did not answer in time.", exception);
        }
    }

    private ApprovalResponse Verified(ApprovalRequest request, HttpResponseMessage response, byte[] body)
    {
        string? id = Header(response, WebhookSignature.IdHeader);
        if (id != request.Id || !WebhookSignature.Verify(_answerSecret, id, Header(response, WebhookSignature.TimestampHeader), Header(response, WebhookSignature.SignatureHeader), body, _time.GetUtcNow()))
        {
            throw new InvalidOperationException("The answer of the receiver of approvals is not signed as it must be, not for this request, or not of now.");
        }

        return WebhookMessage.Read(body);
    }

    private HttpRequestMessage Sign(ApprovalRequest request, byte[] body)
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        var message = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.Add(WebhookSignature.IdHeader, request.Id);
        message.Headers.Add(WebhookSignature.TimestampHeader, now.ToString(CultureInfo.InvariantCulture));
        message.Headers.TryAddWithoutValidation(WebhookSignature.SignatureHeader, WebhookSignature.Sign(_secret, request.Id, now, body));
        return message;
    }

    /// <summary>Tells the receiver that nobody waits any more, once and without insisting: the request expires there in any case.</summary>
    private async Task WithdrawAsync(ApprovalRequest request)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        try
        {
            using HttpRequestMessage message = Sign(request, WebhookMessage.Withdraw(request));
            using HttpResponseMessage response = await _client.SendAsync(message, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // It was a courtesy.
        }
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(' ', values) : null;
}
