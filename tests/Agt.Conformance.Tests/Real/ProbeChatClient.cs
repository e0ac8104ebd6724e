using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Agt.Conformance.Tests.Real;

/// <summary>The model of the probes as a chat client.</summary>
internal sealed class ProbeChatClient(ProbeModel model) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ModelReply reply = await model.AnswerAsync(Sent(messages), cancellationToken);
        List<AIContent> contents = [.. reply.Calls.Select(Call)];
        if (reply.Text.Length > 0)
        {
            contents.Insert(0, new TextContent(reply.Text));
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents)) { Usage = new UsageDetails { TotalTokenCount = reply.TotalTokens } };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ModelPiece piece in model.StreamAsync(Sent(messages), cancellationToken))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [piece.Call is { } call ? Call(call) : new TextContent(piece.Text)]);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static FunctionCallContent Call(ModelCall call) =>
        new(call.Id, call.Tool, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(call.Arguments)!.ToDictionary(pair => pair.Key, pair => (object?)pair.Value));

    private static List<ModelMessage> Sent(IEnumerable<ChatMessage> messages) =>
    [
        .. messages.SelectMany(message => message.Contents.OfType<FunctionResultContent>().Any()
            ? message.Contents.OfType<FunctionResultContent>().Select(result => new ModelMessage("tool", result.Result?.ToString() ?? string.Empty, result.CallId))
            : [new ModelMessage(message.Role.Value, message.Text)]),
    ];
}
