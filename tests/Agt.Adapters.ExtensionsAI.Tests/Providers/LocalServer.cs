using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agt.Adapters.ExtensionsAI.Tests.Providers;

/// <summary>A server on loopback that answers from a script, over a real socket, and remembers what it was sent.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Answer> _answers;

    private LocalServer(WebApplication app, IEnumerable<Answer> answers)
    {
        _app = app;
        _answers = new ConcurrentQueue<Answer>(answers);
    }

    internal ConcurrentQueue<(string Path, string Body)> Requests { get; } = new();

    internal Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    internal static async Task<LocalServer> StartAsync(params Answer[] answers)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new LocalServer(builder.Build(), answers);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        Requests.Enqueue((context.Request.Path.Value!, await reader.ReadToEndAsync(context.RequestAborted)));
        if (!_answers.TryDequeue(out Answer? answer))
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.ContentType = answer.ContentType;
        foreach (string part in answer.Parts)
        {
            await context.Response.WriteAsync(part, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    internal sealed record Answer(string ContentType, params string[] Parts)
    {
        internal static Answer Json(string body) => new("application/json", body);

        /// <summary>Server-sent events, each with a name if it has one.</summary>
        internal static Answer Events(params (string? Name, string Data)[] events) =>
            new("text/event-stream", [.. events.Select(one => (one.Name is null ? "" : "event: " + one.Name + "\n") + "data: " + one.Data + "\n\n")]);

        internal static Answer Lines(params string[] lines) => new("application/x-ndjson", [.. lines.Select(line => line + "\n")]);
    }
}
