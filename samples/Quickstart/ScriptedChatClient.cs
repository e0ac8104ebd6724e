using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Quickstart;

/// <summary>
/// Not a model: plays back a fixed list of tool calls, one a turn, then says what it was told. It stands in for a model so that the quickstart needs no key and no network;
/// everything else in it is real.
/// </summary>
internal sealed class ScriptedChatClient(params (string Tool, Dictionary<string, object?> Arguments)[] script) : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("script", defaultModelId: "script");
    private int _next;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_next >= script.Length)
        {
            string heard = messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().LastOrDefault()?.Result?.ToString() ?? "nothing";
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "I was told: " + heard)));
        }

        (string tool, Dictionary<string, object?> arguments) = script[_next++];
        var call = new FunctionCallContent("call-" + _next, tool, arguments);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [call])) { FinishReason = ChatFinishReason.ToolCalls });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
