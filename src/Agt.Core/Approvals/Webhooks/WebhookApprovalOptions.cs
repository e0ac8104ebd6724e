namespace Agt.Approvals;

/// <summary>Where approvals are asked for over HTTP, and how. Not thread-safe; settled before the broker is made.</summary>
public sealed class WebhookApprovalOptions
{
    /// <summary>Where requests are posted: <c>https</c>, or <c>http</c> to this machine with <see cref="AllowPrivateAddresses"/>.</summary>
    public Uri? Url { get; set; }

    /// <summary>The secret that signs requests, 32 bytes or more.</summary>
    public ReadOnlyMemory<byte> Secret { get; set; }

    /// <summary>The secret that answers are signed with, 32 bytes or more; empty for that of requests. One of its own lets a receiver check requests without being able to approve.</summary>
    public ReadOnlyMemory<byte> AnswerSecret { get; set; }

    /// <summary>
    /// Whether the receiver may be on this machine or in a private network (RFC 1918, RFC 4193, link-local, shared, reserved). Default false: an address that somebody else can set must not reach inside.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How long to wait between two questions whether there is an answer, 100 ms to 5 minutes. Default 2 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one exchange may take, 100 ms to 5 minutes. Default 10 seconds.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Exchanges that may fail in a row (no connection, or status 408, 429 or 5xx) before the request is given up, 0 to 100. Default 5.</summary>
    public int MaxFailures { get; set; } = 5;

    /// <exception cref="ArgumentException">Something is missing or out of range.</exception>
    internal void Check()
    {
        if (Url is not { IsAbsoluteUri: true } url || !string.IsNullOrEmpty(url.UserInfo) || !string.IsNullOrEmpty(url.Fragment)
            || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && AllowPrivateAddresses && url.IsLoopback)))
        {
            throw new ArgumentException("Url must be an absolute https address without user name and fragment; http goes to this machine only, with AllowPrivateAddresses.");
        }

        WebhookSignature.CheckSecret(Secret.Span);
        if (!AnswerSecret.IsEmpty)
        {
            WebhookSignature.CheckSecret(AnswerSecret.Span);
        }

        CheckRange(PollInterval, nameof(PollInterval));
        CheckRange(RequestTimeout, nameof(RequestTimeout));
        if (MaxFailures is < 0 or > 100)
        {
            throw new ArgumentException("MaxFailures must be 0 to 100.");
        }
    }

    private static void CheckRange(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromMinutes(5))
        {
            throw new ArgumentException($"{name} must be between 100 ms and 5 minutes.");
        }
    }
}
