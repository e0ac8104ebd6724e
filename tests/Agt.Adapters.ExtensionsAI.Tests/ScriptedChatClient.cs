using System.Runtime.CompilerServices;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>A model that answers from a script and remembers what it was really sent.</summary>
internal sealed class ScriptedChatClient(params Func<ScriptedChatClient, ChatResponse>[] replies) : IChatClient
{
    internal List<IReadOnlyList<ChatMessage>> Requests { get; } = [];

    internal List<ChatOptions?> Options { get; } = [];

    /// <summary>How the next reply is streamed; null streams it message by message.</summary>
    internal Func<IEnumerable<ChatResponseUpdate>>? Stream { get; init; }

    internal int Streamed { get; private set; }

    internal bool StreamDisposed { get; private set; }

    internal static Func<ScriptedChatClient, ChatResponse> Says(string text) => _ => new ChatResponse(new ChatMessage(ChatRole.Assistant, text) { MessageId = "m-" + text.Length })
    {
        ResponseId = "r-1",
        ModelId = "scripted",
        FinishReason = ChatFinishReason.Stop,
        Usage = new UsageDetails { InputTokenCount = 5, OutputTokenCount = 7, TotalTokenCount = 12 },
    };

    internal static Func<ScriptedChatClient, ChatResponse> Calls(params (string Id, string Name, Dictionary<string, object?> Arguments)[] calls) => _ =>
        new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. calls.Select(c => new FunctionCallContent(c.Id, c.Name, c.Arguments))]) { MessageId = "m-calls" })
        {
            FinishReason = ChatFinishReason.ToolCalls,
        };

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Next(messages, options));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        IEnumerable<ChatResponseUpdate> updates = Next(messages, options).ToChatResponseUpdates();
        try
        {
            foreach (ChatResponseUpdate update in Stream?.Invoke() ?? updates)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Streamed++;
                yield return update;
            }
        }
        finally
        {
            StreamDisposed = true;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted") : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private ChatResponse Next(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Requests.Add([.. messages]);
        Options.Add(options);
        return replies[Requests.Count - 1](this);
    }
}
