using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Agt.Approvals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agt.Core.Tests.Approvals;

/// <summary>Who approves, over a real socket on loopback. What it answers is up to the test.</summary>
internal sealed class ApprovalReceiver : IAsyncDisposable
{
    internal static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly WebApplication _server;

    private ApprovalReceiver(WebApplication server) => _server = server;

    internal Uri Url => new(_server.Urls.Single() + "/approve/");

    internal ConcurrentQueue<JsonElement> Messages { get; } = new();

    internal ConcurrentQueue<bool> Signed { get; } = new();

    internal static async Task<ApprovalReceiver> StartAsync(Func<JsonElement, HttpResponse, byte[]?> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var receiver = new ApprovalReceiver(builder.Build());
        receiver._server.MapPost("/approve/", context => receiver.ServeAsync(context, answer));
        await receiver._server.StartAsync();
        return receiver;
    }

    internal static byte[] Answer(string decision, JsonElement request, string approver = "ann") =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["decision"] = decision, ["ticket"] = request.GetProperty("ticket").GetString()!, ["approver"] = approver });

    internal static void Sign(HttpResponse response, string id, byte[] body, long? at = null, byte[]? secret = null)
    {
        long now = at ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        response.Headers[WebhookSignature.IdHeader] = id;
        response.Headers[WebhookSignature.TimestampHeader] = now.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers[WebhookSignature.SignatureHeader] = WebhookSignature.Sign(secret ?? Secret, id, now, body);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(HttpContext context, Func<JsonElement, HttpResponse, byte[]?> answer)
    {
        using var read = new MemoryStream();
        await context.Request.Body.CopyToAsync(read);
        JsonElement message = JsonDocument.Parse(read.ToArray()).RootElement;
        Messages.Enqueue(message);
        Signed.Enqueue(WebhookSignature.Verify(
            Secret, context.Request.Headers[WebhookSignature.IdHeader], context.Request.Headers[WebhookSignature.TimestampHeader],
            context.Request.Headers[WebhookSignature.SignatureHeader], read.ToArray(), DateTimeOffset.UtcNow));
        if (answer(message, context.Response) is { } body)
        {
            await context.Response.Body.WriteAsync(body);
        }
    }
}
