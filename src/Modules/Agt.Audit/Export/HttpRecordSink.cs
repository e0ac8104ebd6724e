using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace Agt.Audit.Export;

/// <summary>
/// Posts records to a collector: CloudEvents and OCSF as one JSON array a batch, OpenTelemetry as an OTLP/HTTP request in JSON (<c>/v1/logs</c>), records as JSON lines. Thread-safe.
/// </summary>
/// <remarks>
/// 2xx is success. 400, 413 and 422 mean that the collector will never take the batch: it is sent again one record at a time, and a record that is refused alone is dropped and counted. Everything else is a failure and is tried again.
/// </remarks>
public sealed class HttpRecordSink : IRecordSink
{
    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly RecordFormat _format;
    private readonly OpenTelemetryResource _resource;

    /// <summary>Creates the sink.</summary>
    /// <param name="http">Sends the requests, with whatever credentials the collector wants. It belongs to the caller.</param>
    /// <param name="endpoint">Where to; https, or http on the same machine.</param>
    /// <param name="format">How the records are put.</param>
    /// <param name="name">The name of the sink.</param>
    /// <param name="resource">What OpenTelemetry is told of the process; null for the defaults.</param>
    /// <exception cref="ArgumentException">The endpoint would send records over a network in clear.</exception>
    public HttpRecordSink(HttpClient http, Uri endpoint, RecordFormat format, string name = "http", OpenTelemetryResource? resource = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttps && !(endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback)))
        {
            throw new ArgumentException($"'{endpoint}' is neither https nor http on this machine; records are not sent over a network in clear.", nameof(endpoint));
        }

        if (!Enum.IsDefined(format))
        {
            throw new ArgumentOutOfRangeException(nameof(format));
        }

        _http = http;
        _endpoint = endpoint;
        _format = format;
        _resource = resource ?? new OpenTelemetryResource();
        Name = name;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public async ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        SinkResult result = await PostAsync(batch, cancellationToken).ConfigureAwait(false);
        if (result != SinkResult.Dropped || batch.Records.Count == 1)
        {
            return result;
        }

        // One record that the collector does not take must not cost the others.
        bool any = false;
        foreach (Queries.AuditEntry entry in batch.Records)
        {
            SinkResult single = await PostAsync(batch with { Records = [entry] }, cancellationToken).ConfigureAwait(false);
            if (single == SinkResult.Failure)
            {
                return SinkResult.Failure;
            }

            any |= single == SinkResult.Success;
        }

        return any ? SinkResult.Success : SinkResult.Dropped;
    }

    private async ValueTask<SinkResult> PostAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new ReadOnlyMemoryContent(Body(batch)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(_format switch
        {
            RecordFormat.CloudEvents => "application/cloudevents-batch+json",
            RecordFormat.Record => "application/x-ndjson",
            _ => "application/json",
        });
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? SinkResult.Success
            : response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity ? SinkResult.Dropped
            : SinkResult.Failure;
    }

    private ReadOnlyMemory<byte> Body(RecordBatch batch)
    {
        var body = new ArrayBufferWriter<byte>();
        if (_format == RecordFormat.OpenTelemetry)
        {
            OpenTelemetryLogs.Write(body, _resource, batch.Records);
            return body.WrittenMemory;
        }

        bool lines = _format == RecordFormat.Record;
        body.Write(lines ? ""u8 : "["u8);
        for (int i = 0; i < batch.Records.Count; i++)
        {
            body.Write(i == 0 ? ""u8 : lines ? "\n"u8 : ","u8);
            RecordExport.Write(body, _format, batch.Checkpoint, batch.Records[i]);
        }

        body.Write(lines ? "\n"u8 : "]"u8);
        return body.WrittenMemory;
    }
}
