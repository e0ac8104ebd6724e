using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Agt.Cli.Audit;

/// <summary>An HTTP server of the command line: one handler, bounded requests, no files, until Ctrl-C.</summary>
internal static class HttpServer
{
    internal static IPEndPoint Parse(string listen) => IPEndPoint.TryParse(listen, out IPEndPoint? end) && end.Port > 0
        ? end
        : throw new CliException($"'{CliHost.Clean(listen)}' is no address to listen on; write one as 127.0.0.1:8444.", ExitCode.Usage);

    internal static async Task RunAsync(CliHost host, IPEndPoint end, long maxRequestBytes, RequestDelegate handle, CancellationToken cancellationToken, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = maxRequestBytes;
            options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            options.Listen(end, listen =>
            {
                if (certificate is not null)
                {
                    // Whose a client certificate is, its digest tells; no authority is asked.
                    listen.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = static (_, _, _) => true;
                    });
                }
            });
        });
        await using WebApplication server = builder.Build();
        server.Run(handle);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new CliException($"{end}: cannot be listened on: {CliHost.Clean(exception.Message)}");
        }

        host.Line($"listening on {(certificate is null ? "http" : "https")}://{end}/");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
