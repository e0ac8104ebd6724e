using System.CommandLine;
using System.Net;
using System.Text;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Witnessing;
using Microsoft.AspNetCore.Http;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit witness</c>: what a log needs of others.</summary>
internal static class ServerCommands
{
    private const int MaxKeyBytes = 4_096;

    internal static Command Witness(CliHost host)
    {
        var keyFile = new Option<string>("--key", "-k") { Description = "The witness's private key: agt audit keygen NAME --witness.", HelpName = "FILE", Required = true };
        var logs = new Option<string[]>("--log", "-l") { Description = "The public key of a log to cosign for, as text or a file that holds it. May be given more than once.", HelpName = "KEY", Required = true };
        var state = new Option<string>("--state", "-s") { Description = "Where to remember what was cosigned.", HelpName = "DIRECTORY", DefaultValueFactory = _ => "witness" };
        Option<string> listen = Listen("127.0.0.1:8446");
        var command = new ExampleCommand(
            "witness",
            "Run a witness (C2SP tlog-witness): cosigns checkpoints of logs that only grew. Give it a machine that the owner of the log does not control. Runs until Ctrl-C. Exits with 3 if it cannot start.",
            """
            agt audit keygen witness.example.org --witness --out witness.key
            agt audit witness --key witness.key --log log.key.pub --listen 0.0.0.0:8446
            """)
        {
            keyFile, logs, state, listen,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IPEndPoint end = HttpServer.Parse(parsed.GetRequiredValue(listen));
            string from = parsed.GetRequiredValue(keyFile);
            if (!AuditKey.TryParse(Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, from, MaxKeyBytes, cancellationToken).ConfigureAwait(false)), out AuditKey? key))
            {
                throw new CliException($"{InputFile.Name(from)}: this holds no private key.");
            }

            using (key)
            {
                Witness witness = New(key, await KeysAsync(host, parsed.GetRequiredValue(logs), cancellationToken).ConfigureAwait(false), parsed.GetRequiredValue(state), host.Time);
                host.Line("witness " + CliHost.Shown(witness.Key.ToString()));
                await HttpServer.RunAsync(host, end, Agt.Audit.Witnessing.Witness.MaxRequestBytes, context => AnswerAsync(context, witness), cancellationToken).ConfigureAwait(false);
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    internal static Option<string> Listen(string address) => new("--listen") { Description = "The address and port to listen on.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => address };

    private static Witness New(AuditKey key, IReadOnlyList<VerifierKey> logs, string state, TimeProvider time)
    {
        try
        {
            return new Witness(key, logs, state, time);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliHost.Clean(exception.Message));
        }
    }

    private static async Task<IReadOnlyList<VerifierKey>> KeysAsync(CliHost host, string[] given, CancellationToken cancellationToken)
    {
        var keys = new List<VerifierKey>();
        foreach (string text in given)
        {
            if (!VerifierKey.TryParse(text, out VerifierKey? key) &&
                !VerifierKey.TryParse(Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, text, MaxKeyBytes, cancellationToken).ConfigureAwait(false)).Trim(), out key))
            {
                throw new CliException($"{InputFile.Name(text)}: this holds no public key of a log.");
            }

            keys.Add(key);
        }

        return keys;
    }

    private static async Task AnswerAsync(HttpContext context, Witness witness)
    {
        if (context.Request.Method != HttpMethods.Post || context.Request.Path != "/add-checkpoint")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        WitnessAnswer answer = witness.AddCheckpoint(body.GetBuffer().AsSpan(0, (int)body.Length));
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
