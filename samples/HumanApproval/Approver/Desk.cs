using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Agt.Approvals;

namespace HumanApproval;

/// <summary>Requests that wait, and the answers that one person gives.</summary>
internal sealed class Desk(byte[] secret, string person, int most)
{
    private readonly ConcurrentDictionary<string, byte[]?> _answers = new();
    private readonly Channel<JsonElement> _asked = Channel.CreateBounded<JsonElement>(100);
    private int _fetched;

    internal bool IsDone => Volatile.Read(ref _fetched) >= most;

    internal void Close() => _asked.Writer.TryComplete();

    /// <summary>Takes one message of a host, and answers 202 until the person has answered.</summary>
    internal async Task ServeAsync(HttpListenerContext context)
    {
        using HttpListenerResponse response = context.Response;
        byte[] body = await ReadAsync(context.Request);
        string? id = context.Request.Headers[WebhookSignature.IdHeader];
        if (id is null || body.Length > 1_000_000 || !WebhookSignature.Verify(
            secret, id, context.Request.Headers[WebhookSignature.TimestampHeader], context.Request.Headers[WebhookSignature.SignatureHeader], body, DateTimeOffset.UtcNow))
        {
            response.StatusCode = 401;
            return;
        }

        JsonElement message = JsonDocument.Parse(body).RootElement;
        if (message.GetProperty("id").GetString() != id)
        {
            response.StatusCode = 400;
        }
        else if (message.GetProperty("type").GetString() == "approval.withdrawn")
        {
            _answers.TryRemove(id, out _);
            response.StatusCode = 204;
        }
        else if (_answers.TryGetValue(id, out byte[]? answer) && answer is not null)
        {
            long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            response.Headers[WebhookSignature.IdHeader] = id;
            response.Headers[WebhookSignature.TimestampHeader] = now.ToString(CultureInfo.InvariantCulture);
            response.Headers[WebhookSignature.SignatureHeader] = WebhookSignature.Sign(secret, id, now, answer);
            await response.OutputStream.WriteAsync(answer);
            Interlocked.Increment(ref _fetched);
        }
        else
        {
            response.StatusCode = 202;
            if (message.GetProperty("type").GetString() == "approval.requested" && _answers.TryAdd(id, null))
            {
                await _asked.Writer.WriteAsync(message);
            }
        }
    }

    /// <summary>Shows one request after the other. Only <c>y</c> is a yes.</summary>
    internal async Task TalkAsync(TextReader input, TextWriter output)
    {
        await foreach (JsonElement request in _asked.Reader.ReadAllAsync())
        {
            string id = request.GetProperty("id").GetString()!;
            if (!_answers.ContainsKey(id) || request.GetProperty("expires_at").GetDateTimeOffset() < DateTimeOffset.UtcNow)
            {
                continue;
            }

            JsonElement why = request.GetProperty("asked_by")[0];
            await output.WriteLineAsync();
            await output.WriteLineAsync(Visible($"{request.GetProperty("agent")} wants {request.GetProperty("tool")} with {request.GetProperty("arguments").GetRawText()}"));
            await output.WriteLineAsync(Visible($"   {why.GetProperty("policy")}/{why.GetProperty("rule")}: {why.GetProperty("explanation")}"));
            await output.WriteAsync("   approve? [y/N] ");
            string? line = await input.ReadLineAsync();
            bool approves = line?.Trim() is "y" or "Y";
            await output.WriteLineAsync(approves ? "   approved" : "   refused");
            _answers[id] = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string?>
            {
                ["decision"] = approves ? "approve" : "deny",
                ["ticket"] = request.GetProperty("ticket").GetString(),
                ["approver"] = person,
            });
        }
    }

    private static async Task<byte[]> ReadAsync(HttpListenerRequest request)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[16_384];
        while (bytes.Length <= 1_000_000 && await request.InputStream.ReadAsync(buffer) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    /// <summary>Text from outside cannot repaint the terminal.</summary>
    private static string Visible(string text) => string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format ? "?" : rune.ToString()));
}
