using System.CommandLine;
using System.Net;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Agt.Audit.Witnessing;
using Microsoft.AspNetCore.Http;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit witness</c> and <c>agt audit serve</c>: what a log needs of others, and what others need of a log.</summary>
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

    internal static Command Serve(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Option<string> listen = Listen("127.0.0.1:8445");
        var command = new ExampleCommand(
            "serve",
            "Serve a log for reading (C2SP tlog-tiles): /checkpoint, /tile/LEVEL/N and /tile/entries/N, as far as the latest checkpoint covers it. Everybody who can connect can read all records. Runs until Ctrl-C.",
            "agt audit serve audit/ --listen 127.0.0.1:8445")
        {
            directory, listen,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IPEndPoint end = HttpServer.Parse(parsed.GetRequiredValue(listen));
            string path = parsed.GetRequiredValue(directory);
            LogDirectory.Open(path).Dispose();
            await HttpServer.RunAsync(host, end, 0, context => ReadAsync(context, path), cancellationToken).ConfigureAwait(false);
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static Option<string> Listen(string address) => new("--listen") { Description = "The address and port to listen on.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => address };

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

    /// <summary>One file of the log. The log is opened for each: what is there grows meanwhile, and a reader sees what was there when it opened.</summary>
    private static async Task ReadAsync(HttpContext context, string directory)
    {
        string path = context.Request.Path.Value?.TrimStart('/') ?? string.Empty;
        byte[]? bytes = null;
        if (context.Request.Method is "GET" or "HEAD")
        {
            using IAuditStore store = LogDirectory.Open(directory);
            bytes = Read(store, path);
        }

        if (bytes is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = path == "checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream";
        context.Response.Headers.CacheControl = path == "checkpoint" ? "no-cache" : "public, max-age=31536000, immutable";
        context.Response.ContentLength = bytes.Length;
        if (context.Request.Method == "GET")
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static byte[]? Read(IAuditStore store, string path)
    {
        ReadOnlyMemory<byte> note = store.ReadCheckpoint();
        if (path == "checkpoint")
        {
            return note.ToArray();
        }

        if (!TilePath.TryParse(path, out TilePath tile) || !SignedCheckpoint.TryParse(note.Span, out SignedCheckpoint? checkpoint, out _))
        {
            return null;
        }

        // Only what the checkpoint covers; a partial tile that has become full meanwhile is still there, as the standard wants it.
        long available = tile.IsEntries ? checkpoint.Checkpoint.Size : tile.Level > 7 ? 0 : checkpoint.Checkpoint.Size >> (8 * tile.Level);
        if (tile.Index > available / TilePath.FullWidth || (tile.Index * TilePath.FullWidth) + tile.Width > available)
        {
            return null;
        }

        if (tile.IsEntries)
        {
            if (tile.Index * TilePath.FullWidth < store.First)
            {
                return null;
            }

            var bundle = new System.Buffers.ArrayBufferWriter<byte>();
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(tile.Index * TilePath.FullWidth, tile.Width))
            {
                EntryBundle.Write(bundle, leaf.Span);
            }

            return bundle.WrittenSpan.ToArray();
        }

        var hashes = new LogHash[tile.Width];
        store.ReadTile(tile, hashes);
        byte[] bytes = new byte[tile.Width * LogHash.Size];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * LogHash.Size));
        }

        return bytes;
    }
}
