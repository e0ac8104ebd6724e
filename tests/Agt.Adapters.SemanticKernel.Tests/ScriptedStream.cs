using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>A chat service that streams given updates, and tells how far it came.</summary>
internal sealed class ScriptedStream(params IEnumerable<StreamingChatMessageContent> updates) : IChatCompletionService
{
    public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

    /// <summary>How many updates were asked for.</summary>
    internal int Streamed { get; private set; }

    internal bool IsDisposed { get; private set; }

    /// <summary>Called before an update goes out, with its number.</summary>
    internal Func<int, ChatHistory, Task> Before { get; init; } = static (_, _) => Task.CompletedTask;

    internal static IEnumerable<StreamingChatMessageContent> Pieces(string text) =>
    [
        .. text.Chunk(7).Select(piece => new StreamingChatMessageContent(AuthorRole.Assistant, new string(piece), innerContent: text, modelId: "m", metadata: new Dictionary<string, object?> { ["Raw"] = new string(piece) })),
        new StreamingChatMessageContent(null, null, modelId: "m", metadata: new Dictionary<string, object?> { ["FinishReason"] = "Stop" }),
    ];

    public Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("It only streams.");

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            foreach (StreamingChatMessageContent update in updates)
            {
                await Before(Streamed, chatHistory);
                cancellationToken.ThrowIfCancellationRequested();
                Streamed++;
                yield return update;
            }
        }
        finally
        {
            IsDisposed = true;
        }
    }
}
