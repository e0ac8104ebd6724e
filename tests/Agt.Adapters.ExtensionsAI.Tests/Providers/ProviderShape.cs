using System.ClientModel;
using Anthropic;
using OllamaSharp;
using OpenAI;
using static Agt.Adapters.ExtensionsAI.Tests.Providers.LocalServer;

namespace Agt.Adapters.ExtensionsAI.Tests.Providers;

/// <summary>How one provider's client is made, and what its server says: a call of <c>delete(path: /data/a)</c>, a text, and the same text as a stream.</summary>
internal sealed record ProviderShape(string Path, Func<Uri, IChatClient> Client, Answer Call, Answer Text, Answer Stream)
{
    internal static ProviderShape Of(string name) => name switch
    {
        "openai" => OpenAI(),
        "anthropic" => Anthropic(),
        _ => Ollama(),
    };

    private static ProviderShape OpenAI()
    {
        const string Head = """{"id":"r1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"finish_reason":""";
        const string Tail = """}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";
        const string Chunk = """{"id":"r1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":""";
        return new ProviderShape(
            "/v1/chat/completions",
            address => new OpenAIClient(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = new Uri(address, "v1") }).GetChatClient("m").AsIChatClient(),
            Answer.Json(Head + """
                "tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"delete","arguments":"{\"path\":\"/data/a\"}"}}]}
                """ + Tail),
            Answer.Json(Head + """ "stop","message":{"role":"assistant","content":"all gone"}""" + Tail),
            Answer.Events(
                (null, Chunk + """{"role":"assistant","content":"all "}}]}"""), (null, Chunk + """{"content":"gone"}}]}"""), (null, Chunk + """{},"finish_reason":"stop"}]}"""), (null, "[DONE]")));
    }

    private static ProviderShape Anthropic()
    {
        const string Head = """{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2},""";
        return new ProviderShape(
            "/v1/messages",
            address => new AnthropicClient { BaseUrl = address.ToString().TrimEnd('/'), ApiKey = "test" }.AsIChatClient("m", 100),
            Answer.Json(Head + """ "stop_reason":"tool_use","content":[{"type":"tool_use","id":"c1","name":"delete","input":{"path":"/data/a"}}]}"""),
            Answer.Json(Head + """ "stop_reason":"end_turn","content":[{"type":"text","text":"all gone"}]}"""),
            Answer.Events(
                ("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"""),
                ("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
                ("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"all "}}"""),
                ("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"gone"}}"""),
                ("content_block_stop", """{"type":"content_block_stop","index":0}"""),
                ("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}"""),
                ("message_stop", """{"type":"message_stop"}""")));
    }

    private static ProviderShape Ollama()
    {
        const string Head = """{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",""";
        const string Done = """},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}""";
        return new ProviderShape(
            "/api/chat",
            address => new OllamaApiClient(address, "m"),
            Answer.Lines(Head + """ "content":"","tool_calls":[{"function":{"name":"delete","arguments":{"path":"/data/a"}}}]""" + Done),
            Answer.Lines(Head + """ "content":"all gone" """ + Done),
            Answer.Lines(Head + """ "content":"all "},"done":false}""", Head + """ "content":"gone"},"done":false}""", Head + """ "content":"" """ + Done));
    }
}
