using System.Text.Json;
using System.Text.Json.Nodes;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Microsoft.AspNetCore.Http;

namespace Agt.Cli.Audit.Service;

/// <summary>Answers requests to the audit service: the read API of C2SP tlog-tiles for everybody, and the rest for who says who they are (spec 09, AUD-704 to 708).</summary>
internal sealed class AuditService(ServiceLog log, ServiceIdentities? identities, ServiceLimits limits)
{
    internal const long MaxRequestBytes = 8 * 1024 * 1024;
    private const string Prefix = "/api/v1/audit/";
    private const int MaxBatch = 1_000;

    internal async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        try
        {
            if (!path.StartsWith(Prefix, StringComparison.Ordinal))
            {
                await ServeFileAsync(context, path.TrimStart('/')).ConfigureAwait(false);
                return;
            }

            (ServiceIdentity? identity, bool presented) = Who(context);
            if (identity is null)
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
                await ProblemAsync(context, StatusCodes.Status401Unauthorized, presented ? "This token or certificate is not known here." : "Say who you are: a bearer token, or a client certificate.").ConfigureAwait(false);
                return;
            }

            await RouteAsync(context, identity, path[Prefix.Length..]).ConfigureAwait(false);
        }
        catch (InvalidRecordException exception)
        {
            await ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, exception.Message, exception.Member).ConfigureAwait(false);
        }
        catch (AuditStoreException exception) when (exception.Problem == AuditStoreProblem.DuplicateRecordId)
        {
            await ProblemAsync(context, StatusCodes.Status409Conflict, exception.Message, "record_id").ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await ProblemAsync(context, exception.StatusCode, $"The request is malformed, or longer than {MaxRequestBytes} bytes.").ConfigureAwait(false);
        }
        catch (IOException) when (!context.Response.HasStarted)
        {
            await ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The log cannot be reached now.").ConfigureAwait(false);
        }
    }

    private async Task RouteAsync(HttpContext context, ServiceIdentity identity, string route)
    {
        string method = context.Request.Method;
        ServiceRoles needed = (method, route) switch
        {
            ("POST", "log" or "batch") => ServiceRoles.Write,
            ("POST", "query") or ("GET", "verify" or "summary") => ServiceRoles.Read,
            ("GET", _) when route.StartsWith("entries/", StringComparison.Ordinal) || route.StartsWith("receipts/", StringComparison.Ordinal) => ServiceRoles.Read,
            _ => ServiceRoles.None,
        };
        if (needed == ServiceRoles.None)
        {
            await ProblemAsync(context, StatusCodes.Status404NotFound, "There is no such operation.").ConfigureAwait(false);
            return;
        }

        if (!identity.Roles.HasFlag(needed))
        {
            await ProblemAsync(context, StatusCodes.Status403Forbidden, $"'{identity.Name}' does not have the role {(needed == ServiceRoles.Write ? "audit-write" : "audit-read")}.").ConfigureAwait(false);
            return;
        }

        if (needed == ServiceRoles.Write)
        {
            await IngestAsync(context, identity, isBatch: route == "batch").ConfigureAwait(false);
            return;
        }

        if (!limits.TryTake(context, identity.Name, route == "verify" ? 20 : 1, urgent: false))
        {
            await ProblemAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests.").ConfigureAwait(false);
            return;
        }

        await (route switch
        {
            "query" => QueryAsync(context),
            "verify" => VerifyAsync(context),
            "summary" => JsonAsync(context, StatusCodes.Status200OK, writer => WriteSummary(writer, context.RequestAborted)),
            _ => RecordAsync(context, route),
        }).ConfigureAwait(false);
    }

    private (ServiceIdentity? Identity, bool Presented) Who(HttpContext context)
    {
        if (identities is null)
        {
            return (ServiceIdentities.Anonymous, true);
        }

        string? authorization = context.Request.Headers.Authorization;
        if (authorization is { Length: < 1_024 } && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return (identities.OfToken(authorization[7..].Trim()), true);
        }

        return context.Connection.ClientCertificate is { } certificate ? (identities.OfCertificate(certificate.RawData), true) : (null, authorization is not null);
    }

    private async Task IngestAsync(HttpContext context, ServiceIdentity identity, bool isBatch)
    {
        if (!log.Writes)
        {
            await ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, "This service only reads the log.").ConfigureAwait(false);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        ReadOnlyMemory<byte> bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (!isBatch)
        {
            RecordDraft draft = IngestBody.Parse(bytes);
            if (!limits.TryTake(context, identity.Name, 1, IsUrgent(draft)))
            {
                await ProblemAsync(context, StatusCodes.Status429TooManyRequests, "Too many records.").ConfigureAwait(false);
                return;
            }

            IngestResult result = await (await BeginAsync(identity, draft, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
            await JsonAsync(context, result.Status, result.Write).ConfigureAwait(false);
            return;
        }

        JsonArray entries = Entries(bytes);
        if (!limits.TryTake(context, identity.Name, entries.Count, urgent: false))
        {
            await ProblemAsync(context, StatusCodes.Status429TooManyRequests, "Too many records.").ConfigureAwait(false);
            return;
        }

        // Handed over in order before the first is waited for: one flush takes them all.
        var handed = new List<Task<IngestResult>>(entries.Count);
        foreach (JsonNode? entry in entries)
        {
            handed.Add(await BeginAsync(identity, entry, context.RequestAborted).ConfigureAwait(false));
        }

        IngestResult[] results = await Task.WhenAll(handed).ConfigureAwait(false);
        await JsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteNumber("count", results.Count(result => result.Status is StatusCodes.Status201Created or StatusCodes.Status200OK));
            writer.WriteStartArray("results");
            foreach (IngestResult result in results)
            {
                writer.WriteStartObject();
                writer.WriteNumber("status", result.Status);
                result.Write(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private static JsonArray Entries(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(bytes.Span, null, new JsonDocumentOptions { MaxDepth = 26, AllowDuplicateProperties = false });
            JsonArray entries = node as JsonArray ?? (node as JsonObject)?["entries"] as JsonArray ?? throw new InvalidRecordException("A batch is a list of records, or an object with a list 'entries'.");
            return entries.Count is > 0 and <= MaxBatch ? entries : throw new InvalidRecordException($"A batch has 1 to {MaxBatch} records.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidRecordException("A batch is JSON without duplicate members: " + exception.Message, exception);
        }
    }

    /// <summary>Hands one entry of a batch over; what is wrong with it is its own result.</summary>
    private async ValueTask<Task<IngestResult>> BeginAsync(ServiceIdentity identity, JsonNode? entry, CancellationToken cancellationToken)
    {
        try
        {
            Task<IngestResult> handed = await BeginAsync(identity, IngestBody.Parse(entry as JsonObject ?? throw new InvalidRecordException("A record is a JSON object.")), cancellationToken).ConfigureAwait(false);
            return OwnResultAsync(handed);
        }
        catch (InvalidRecordException exception)
        {
            return Task.FromResult(IngestResult.Refused(StatusCodes.Status422UnprocessableEntity, exception.Message, exception.Member));
        }
        catch (AuditStoreException exception) when (exception.Problem == AuditStoreProblem.DuplicateRecordId)
        {
            return Task.FromResult(IngestResult.Refused(StatusCodes.Status409Conflict, exception.Message, "record_id"));
        }
    }

    private static async Task<IngestResult> OwnResultAsync(Task<IngestResult> handed)
    {
        try
        {
            return await handed.ConfigureAwait(false);
        }
        catch (IOException)
        {
            return IngestResult.Refused(StatusCodes.Status503ServiceUnavailable, "The log cannot take it now.", null);
        }
    }

    private async ValueTask<Task<IngestResult>> BeginAsync(ServiceIdentity identity, RecordDraft draft, CancellationToken cancellationToken)
    {
        if (!identity.MayActFor(draft.Agent))
        {
            await RecordForgeryAsync(identity, "agent_not_of_emitter", draft.Agent).ConfigureAwait(false);
            return Task.FromResult(IngestResult.Refused(StatusCodes.Status403Forbidden, $"'{identity.Name}' does not hand in records of this agent.", "agent_id"));
        }

        if (draft.Emitter is { } emitter && identities is not null && !identity.Owns(emitter))
        {
            await RecordForgeryAsync(identity, "emitter_of_another", emitter).ConfigureAwait(false);
            return Task.FromResult(IngestResult.Refused(StatusCodes.Status403Forbidden, $"An emitter_id of '{identity.Name}' is that name, or begins with it and a slash.", "emitter_id"));
        }

        return ResultAsync(await log.BeginAsync(draft, cancellationToken).ConfigureAwait(false));
    }

    private async Task<IngestResult> ResultAsync(Task<(long Index, bool IsNew)> appending)
    {
        (long index, bool isNew) = await appending.ConfigureAwait(false);
        ReadOnlyMemory<byte> leaf = log.Read(store => store.ReadLeaves(index, 1).Single());
        return IngestResult.Accepted(isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, index, leaf);
    }

    private async ValueTask RecordForgeryAsync(ServiceIdentity identity, string type, string claimed)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["agt.claimed"] = claimed.Length > 512 ? claimed[..512] : claimed, ["agt.identity"] = identity.Name };
        await log.Log.AppendAsync(new AuditEvent("security", type, "ingest") { Severity = "high", Attributes = attributes }).ConfigureAwait(false);
    }

    private static bool IsUrgent(RecordDraft draft) => draft.Kind == "security" || draft.IsDenial;

    private async Task QueryAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        QueryBody query = QueryBody.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        QueryResult result = log.Read(store => query.Run(store, context.RequestAborted));
        await JsonAsync(context, StatusCodes.Status200OK, result.Write).ConfigureAwait(false);
    }

    private async Task VerifyAsync(HttpContext context)
    {
        if (await Task.Run(() => log.Verify(context.RequestAborted)).ConfigureAwait(false) is not { } result)
        {
            await ProblemAsync(context, StatusCodes.Status404NotFound, "The service was not told whom to trust: start it with --vkey.").ConfigureAwait(false);
            return;
        }

        await JsonAsync(context, result.IsValid ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, writer =>
        {
            writer.WriteBoolean("valid", result.IsValid);
            writer.WriteNumber("entries_verified", result.EntriesVerified);
            writer.WriteString("root", result.Root.ToString());
            if (result.FailedIndex is { } index)
            {
                writer.WriteNumber("failed_index", index);
            }

            if (result.Error is not null)
            {
                writer.WriteString("error", result.Error);
            }

            writer.WriteNumber("findings", result.FindingCount);
        }).ConfigureAwait(false);
    }

    private void WriteSummary(Utf8JsonWriter writer, CancellationToken cancellationToken)
    {
        log.Read(store =>
        {
            log.Summary.Write(writer, store);
            return 0;
        });
        if (log.Verify(cancellationToken) is { } verified)
        {
            writer.WriteBoolean("valid", verified.IsValid);
        }
    }

    private async Task RecordAsync(HttpContext context, string route)
    {
        bool receipt = route.StartsWith("receipts/", StringComparison.Ordinal);
        string name = route[(receipt ? "receipts/".Length : "entries/".Length)..];
        (long Index, ReadOnlyMemory<byte> Leaf, byte[]? Receipt)? found;
        try
        {
            found = log.Read(store =>
            {
                (long index, ReadOnlyMemory<byte> leaf) = LogDirectory.Find(store, name);
                return ((long, ReadOnlyMemory<byte>, byte[]?)?)(index, leaf, receipt ? Prove(store, index, leaf) : null);
            });
        }
        catch (CliException)
        {
            found = null;
        }

        if (found is not { } record)
        {
            await ProblemAsync(context, StatusCodes.Status404NotFound, "There is no such record.").ConfigureAwait(false);
        }
        else if (receipt && record.Receipt is null)
        {
            context.Response.Headers.RetryAfter = "1";
            await ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "No checkpoint covers the record yet.").ConfigureAwait(false);
        }
        else if (receipt)
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.Body.WriteAsync(record.Receipt, context.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            await JsonAsync(context, StatusCodes.Status200OK, writer => QueryResult.WriteEntry(writer, record.Index, record.Leaf)).ConfigureAwait(false);
        }
    }

    private static byte[]? Prove(IAuditStore store, long index, ReadOnlyMemory<byte> leaf) =>
        SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out _) && checkpoint.Checkpoint.Size > index
            ? System.Text.Encoding.UTF8.GetBytes(new Receipt(index, new TileTree(store).Inclusion(index, checkpoint.Checkpoint.Size), checkpoint, leaf).ToString())
            : null;

    /// <summary>One file of the log in the form of tlog-tiles. Records themselves are for who may read them.</summary>
    private async Task ServeFileAsync(HttpContext context, string path)
    {
        byte[]? bytes = null;
        if (context.Request.Method is "GET" or "HEAD")
        {
            if (path.StartsWith("tile/entries/", StringComparison.Ordinal) && (Who(context).Identity is not { } identity || !identity.Roles.HasFlag(ServiceRoles.Read)))
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
                await ProblemAsync(context, StatusCodes.Status401Unauthorized, "Records are for identities with the role audit-read.").ConfigureAwait(false);
                return;
            }

            bytes = log.Read(store => LogFiles.Read(store, path));
        }

        if (bytes is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = path == "checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream";
        context.Response.Headers.CacheControl = path == "checkpoint" ? "no-cache" : identities is not null && path.StartsWith("tile/entries/", StringComparison.Ordinal) ? "private, max-age=31536000, immutable" : "public, max-age=31536000, immutable";
        context.Response.ContentLength = bytes.Length;
        if (context.Request.Method == "GET")
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Task ProblemAsync(HttpContext context, int status, string problem, string? member = null) => JsonAsync(context, status, writer =>
    {
        writer.WriteString("error", problem);
        if (member is not null)
        {
            writer.WriteString("member", member);
        }
    });

    private static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = stream.Length;
        await context.Response.Body.WriteAsync(stream.GetBuffer().AsMemory(0, (int)stream.Length), context.RequestAborted).ConfigureAwait(false);
    }
}
