using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Agt.Approvals;

namespace Agt.Core.Tests.Approvals;

/// <summary>Who approves, over a real socket on loopback. What it answers is up to the test.</summary>
internal sealed class ApprovalReceiver : IAsyncDisposable
{
    internal static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly HttpListener _listener = new();
    private readonly Task _loop;

    internal ApprovalReceiver(Func<JsonElement, HttpListenerResponse, byte[]?> answer)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/approve/");
        }

        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _loop = Task.Run(() => ServeAsync(answer));
    }

    internal Uri Url { get; }

    internal ConcurrentQueue<JsonElement> Messages { get; } = new();

    internal ConcurrentQueue<bool> Signed { get; } = new();

    internal static byte[] Answer(string decision, JsonElement request, string approver = "ann") =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["decision"] = decision, ["ticket"] = request.GetProperty("ticket").GetString()!, ["approver"] = approver });

    internal static void Sign(HttpListenerResponse response, string id, byte[] body, long? at = null, byte[]? secret = null)
    {
        long now = at ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        response.Headers[WebhookSignature.IdHeader] = id;
        response.Headers[WebhookSignature.TimestampHeader] = now.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers[WebhookSignature.SignatureHeader] = WebhookSignature.Sign(secret ?? Secret, id, now, body);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private async Task ServeAsync(Func<JsonElement, HttpListenerResponse, byte[]?> answer)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var read = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(read);
            JsonElement message = JsonDocument.Parse(read.ToArray()).RootElement;
            Messages.Enqueue(message);
            Signed.Enqueue(WebhookSignature.Verify(
                Secret, context.Request.Headers[WebhookSignature.IdHeader], context.Request.Headers[WebhookSignature.TimestampHeader],
                context.Request.Headers[WebhookSignature.SignatureHeader], read.ToArray(), DateTimeOffset.UtcNow));
            byte[]? body = answer(message, context.Response);
            if (body is not null)
            {
                await context.Response.OutputStream.WriteAsync(body);
            }

            context.Response.Close();
        }
    }
}
