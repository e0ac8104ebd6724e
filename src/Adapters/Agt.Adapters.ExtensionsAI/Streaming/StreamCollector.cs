using Agt.Adapters.ExtensionsAI.Chat;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>Holds a stream back until it is whole.</summary>
internal static class StreamCollector
{
    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="Refusal">It is longer than may be held back; what it comes from is disposed.</exception>
    internal static async ValueTask<Reply> CollectAsync(
        IAsyncEnumerable<ChatResponseUpdate> stream, ExtensionsAIGovernanceOptions options, CancellationToken cancellationToken)
    {
        var updates = new List<ChatResponseUpdate>();
        long characters = 0;
        await foreach (ChatResponseUpdate update in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            characters += Weigh(update);

            if (characters > options.MaxBufferedCharacters || updates.Count > options.MaxBufferedUpdates)
            {
                throw new Refusal(ReasonCodes.StreamingUnsupported);
            }
        }

        return new Reply(updates.ToChatResponse(), updates);
    }

    internal static long Weigh(ChatResponseUpdate update)
    {
        long characters = 0;
        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            characters += Weigh(contents[i]);
        }

        return characters;
    }

    private static long Weigh(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent reasoning => reasoning.Text.Length,
        DataContent data => data.Data.Length,
        FunctionCallContent { Arguments: { } arguments } => 16 + arguments.Sum(a => a.Key.Length + Weigh(a.Value)),
        FunctionResultContent result => Weigh(result.Result),
        _ => 16,
    };

    private static long Weigh(object? value) => value switch
    {
        string text => text.Length,
        System.Text.Json.JsonElement { ValueKind: not System.Text.Json.JsonValueKind.Undefined } element =>
            System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element).Length,
        _ => 16,
    };
}
