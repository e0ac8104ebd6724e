using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agt.Audit.Export;

/// <summary>
/// Sends the records of this log to a central one (<c>agt audit serve --key</c>): the local log is the spool, and what the centre has is told by the sink's cursor. Records keep their ids and numbers, so that one that is
/// sent twice is there once, and one that is missing shows (spec 09, AUD-417). Thread-safe.
/// </summary>
/// <remarks>
/// Any record that the centre does not take, for whatever reason, is a failure: the batch is sent again, the sink's lag grows, and nothing is passed over. Records that only a log writes of itself (its start, holds, erasures)
/// arrive as events, with their kind in <c>agt.origin_kind</c>.
/// </remarks>
public sealed class AuditServiceSink : IRecordSink
{
    private readonly HttpClient _http;
    private readonly Uri _batch;
    private readonly string _identity;
    private readonly string? _token;

    /// <summary>Creates the sink.</summary>
    /// <param name="http">Sends the requests. It belongs to the caller.</param>
    /// <param name="service">The address of the service; https, or http on the same machine.</param>
    /// <param name="identity">The name under which the service knows this process.</param>
    /// <param name="token">Its token; null where a client certificate says who it is.</param>
    /// <param name="name">The name of the sink.</param>
    /// <exception cref="ArgumentException">The address would send records over a network in clear.</exception>
    public AuditServiceSink(HttpClient http, Uri service, string identity, string? token, string name = "central")
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentException.ThrowIfNullOrWhiteSpace(identity);
        if (!service.IsAbsoluteUri || (service.Scheme != Uri.UriSchemeHttps && !(service.Scheme == Uri.UriSchemeHttp && service.IsLoopback)))
        {
            throw new ArgumentException($"'{service}' is neither https nor http on this machine; records are not sent over a network in clear.", nameof(service));
        }

        _http = http;
        _batch = new Uri(service.AbsoluteUri.TrimEnd('/') + "/api/v1/audit/batch");
        _identity = identity;
        _token = token;
        Name = name;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public async ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var request = new HttpRequestMessage(HttpMethod.Post, _batch) { Content = new ReadOnlyMemoryContent(Body(batch)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return SinkResult.Failure;
        }

        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        return answer.RootElement.TryGetProperty("count", out JsonElement count) && count.TryGetInt32(out int taken) && taken == batch.Records.Count ? SinkResult.Success : SinkResult.Failure;
    }

    private ReadOnlyMemory<byte> Body(RecordBatch batch)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            foreach (Queries.AuditEntry entry in batch.Records)
            {
                ForCentre(JsonNode.Parse(entry.Leaf.Span) as JsonObject ?? throw new InvalidDataException($"Record {entry.Index} is no JSON object.")).WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        return output.WrittenMemory;
    }

    /// <summary>The record as the centre takes it: from an emitter of this identity, and of a kind that may be handed in.</summary>
    private JsonObject ForCentre(JsonObject record)
    {
        if (record["emitter_id"]?.GetValue<string>() is { } emitter)
        {
            record["emitter_id"] = _identity + "/" + emitter;
        }

        if (record["agent_id"]?.GetValue<string>() == "log")
        {
            record["agent_id"] = _identity;
        }

        if (record["kind"]?.GetValue<string>() is "config" or "hold" or "erasure")
        {
            JsonObject attributes = record["attributes"] as JsonObject ?? [];
            attributes["agt.origin_kind"] = record["kind"]!.DeepClone();
            record["attributes"] = attributes;
            record["kind"] = "event";
        }

        return record;
    }
}
