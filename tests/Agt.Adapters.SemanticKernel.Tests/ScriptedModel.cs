using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>A chat-completions endpoint that answers by script, under the real connector. No network.</summary>
internal sealed class ScriptedModel(params string[] replies) : HttpMessageHandler
{
    private int _next;

    /// <summary>The bodies of the requests, in order.</summary>
    internal List<JsonNode> Requests { get; } = [];

    /// <summary>The content of the tool messages of the last request, by call id.</summary>
    internal Dictionary<string, string> ToolResults => Requests[^1]["messages"]!.AsArray()
        .Where(message => (string?)message!["role"] == "tool")
        .ToDictionary(message => (string)message!["tool_call_id"]!, message => (string)message!["content"]!);

    internal static string Says(string text) => Reply($$"""{"role":"assistant","content":{{JsonSerializer.Serialize(text)}}}""", "stop");

    internal static string Calls(params (string Id, string Function, string Arguments)[] calls) => Reply(
        $$"""{"role":"assistant","content":null,"tool_calls":[{{string.Join(",", calls.Select(call =>
            $$"""{"id":"{{call.Id}}","type":"function","function":{"name":"{{call.Function}}","arguments":{{JsonSerializer.Serialize(call.Arguments)}} } }"""))}}]}""",
        "tool_calls");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        JsonNode body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        Requests.Add(body);
        string reply = replies[_next++];
        bool streams = (bool?)body["stream"] ?? false;
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = streams
                ? new StreamContent(PipeReader.Create(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(Stream(JsonNode.Parse(reply)!)))).AsStream())
                {
                    Headers = { ContentType = new("text/event-stream") },
                }
                : new StringContent(reply, Encoding.UTF8, "application/json"),
        };
    }

    private static string Reply(string message, string finish) =>
        $$"""{"id":"r","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{{message}},"finish_reason":"{{finish}}"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7} }""";

    /// <summary>The same reply as events: every word of the text is one.</summary>
    private static string Stream(JsonNode reply)
    {
        JsonNode choice = reply["choices"]![0]!;
        var events = new StringBuilder();
        string[] words = ((string?)choice["message"]!["content"])?.Split(' ') ?? [];
        for (int i = 0; i < words.Length; i++)
        {
            Event($$"""{"content":{{JsonSerializer.Serialize(i == 0 ? words[i] : " " + words[i])}}}""", null);
        }

        if (choice["message"]!["tool_calls"] is JsonArray calls)
        {
            for (int i = 0; i < calls.Count; i++)
            {
                JsonNode call = calls[i]!.DeepClone();
                call["index"] = i;
                Event($$"""{"tool_calls":[{{call.ToJsonString()}}]}""", null);
            }
        }

        Event("{}", (string?)choice["finish_reason"]);
        return events.Append("data: [DONE]\n\n").ToString();

        void Event(string delta, string? finish) => events.Append("data: ").Append(
            $$"""{"id":"r","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{JsonSerializer.Serialize(finish)}} }]}""").Append("\n\n");
    }
}
