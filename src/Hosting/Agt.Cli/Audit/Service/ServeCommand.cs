using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Storage.Sqlite;

namespace Agt.Cli.Audit.Service;

/// <summary><c>agt audit serve</c>: a log over HTTP, to read and, with its key, to hand records in.</summary>
internal static class ServeCommand
{
    private const int MaxFileBytes = 4 * 1024 * 1024;

    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Option<string> listen = ServerCommands.Listen("127.0.0.1:8445");
        var identities = new Option<string?>("--identities") { Description = "Who may do what: a file that 'agt audit token' writes. Without it everybody may do everything, and only this machine is listened to.", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "The log's private key: take records, too. The log must not be in use by a host. A log that is not there is made, in SQLite.", HelpName = "FILE" };
        var trusted = new Option<string?>("--vkey") { Description = "The log's public key, for /verify where the service only reads: text or file. Default: log.key.pub in the directory, if it is there.", HelpName = "KEY" };
        var certificate = new Option<string?>("--tls-cert") { Description = "The certificate for TLS, PEM.", HelpName = "FILE" };
        var certificateKey = new Option<string?>("--tls-key") { Description = "Its private key, PEM.", HelpName = "FILE" };
        var behind = new Option<bool>("--behind-proxy") { Description = "A proxy in front of it does TLS: listen to others without it." };
        var rate = new Option<int>("--rate") { Description = "Records and requests a second that one identity may send, 1 to 1000000.", HelpName = "COUNT", DefaultValueFactory = _ => 5_000 };
        var command = new ExampleCommand(
            "serve",
            "Serve a log: /checkpoint and /tile (C2SP tlog-tiles) for everybody, and below /api/v1/audit/ query, verify, summary, entries/ID and receipts/ID for identities with the role audit-read, log and batch for those with audit-write. Runs until Ctrl-C. Exits with 3 if it cannot start.",
            """
            agt audit serve audit/
            agt audit token siem --role audit-read --identities ids.json
            agt audit token host-1 --role audit-write --agent 'billing-*' --identities ids.json
            agt audit serve central/ --key central.key --identities ids.json --tls-cert tls.pem --tls-key tls.key --listen 0.0.0.0:8445
            """)
        {
            directory, listen, identities, key, trusted, certificate, certificateKey, behind, rate,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IPEndPoint end = HttpServer.Parse(parsed.GetRequiredValue(listen));
            string path = parsed.GetRequiredValue(directory);
            string? ids = parsed.GetValue(identities);
            using X509Certificate2? tls = await CertificateAsync(host, parsed.GetValue(certificate), parsed.GetValue(certificateKey), cancellationToken).ConfigureAwait(false);
            RequireSafe(end, ids is not null, tls is not null || parsed.GetValue(behind));
            ServiceIdentities? known = ids is null ? null : ServiceIdentities.Parse(ids, await InputFile.ReadAllAsync(host, ids, MaxFileBytes, cancellationToken).ConfigureAwait(false));
            int perSecond = parsed.GetValue(rate) is >= 1 and <= 1_000_000 and var wanted ? wanted : throw new CliException("--rate is a whole number from 1 to 1000000.", ExitCode.Usage);
            await using ServiceLog log = await OpenAsync(host, path, parsed.GetValue(key), parsed.GetValue(trusted), cancellationToken).ConfigureAwait(false);
            using var limits = new ServiceLimits(perSecond);
            if (known is null)
            {
                host.Line("[yellow]no identities[/]: everybody on this machine may read" + (log.Writes ? " and write" : string.Empty));
            }

            await HttpServer.RunAsync(host, end, AuditService.MaxRequestBytes, new AuditService(log, known, limits).AnswerAsync, cancellationToken, tls).ConfigureAwait(false);
            return AuditExitCode.Verified;
        });
        return command;
    }

    /// <summary>Nobody else is listened to without knowing who they are, and no token travels in clear.</summary>
    private static void RequireSafe(IPEndPoint end, bool identified, bool encrypted)
    {
        if (IPAddress.IsLoopback(end.Address))
        {
            return;
        }

        if (!identified)
        {
            throw new CliException($"{end} can be reached by others: say who may do what with --identities, or listen on 127.0.0.1.", ExitCode.Usage);
        }

        if (!encrypted)
        {
            throw new CliException($"{end} can be reached by others: give --tls-cert and --tls-key, or --behind-proxy if a proxy does TLS. Tokens would travel in clear.", ExitCode.Usage);
        }
    }

    private static async Task<X509Certificate2?> CertificateAsync(CliHost host, string? certificate, string? key, CancellationToken cancellationToken)
    {
        if (certificate is null || key is null)
        {
            return certificate is null && key is null ? null : throw new CliException("--tls-cert and --tls-key come together.", ExitCode.Usage);
        }

        string pem = Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, certificate, MaxFileBytes, cancellationToken).ConfigureAwait(false));
        string keyPem = Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, key, MaxFileBytes, cancellationToken).ConfigureAwait(false));
        try
        {
            return X509Certificate2.CreateFromPem(pem, keyPem);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CliException($"{InputFile.Name(certificate)} and {InputFile.Name(key)}: these are no certificate and its key in PEM: {CliHost.Clean(exception.Message)}", AuditExitCode.Unreadable);
        }
    }

    private static async Task<ServiceLog> OpenAsync(CliHost host, string path, string? keyFile, string? trusted, CancellationToken cancellationToken)
    {
        if (keyFile is null)
        {
            LogDirectory.Open(path).Dispose();
            string beside = Path.Combine(path, "log.key.pub");
            trusted ??= File.Exists(beside) ? beside : null;
            return new ServiceLog(path, null, null, trusted is null ? null : TrustPolicy.Of(await AuditTrust.ReadKeyAsync(host, trusted, cancellationToken).ConfigureAwait(false)));
        }

        if (!AuditKey.TryParse(Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, keyFile, 4_096, cancellationToken).ConfigureAwait(false)), out AuditKey? key))
        {
            throw new CliException($"{InputFile.Name(keyFile)}: this holds no private key of a log. 'agt audit keygen' makes one.", AuditExitCode.Unreadable);
        }

        string origin = key.Key.Name;
        key.Dispose();
        IAuditStore? writing = null;
        var options = new AuditOptions
        {
            Directory = path, Origin = origin, KeyFile = keyFile,
            OpenStore = options => writing = Directory.Exists(Path.Combine(options.Directory, "segments")) ? SegmentAuditStore.Open(options.Directory) : SqliteAuditStore.Open(options.Directory),
        };
        try
        {
            AuditLog log = AuditLog.Open(options, host.Time);
            return new ServiceLog(path, log, writing, TrustPolicy.Of(log.Key));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Microsoft.Extensions.Options.OptionsValidationException)
        {
            throw new CliException(CliHost.Clean(exception.Message), AuditExitCode.Unreadable);
        }
    }
}
