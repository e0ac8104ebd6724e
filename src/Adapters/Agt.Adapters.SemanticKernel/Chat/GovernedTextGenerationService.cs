using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// A text service whose requests and replies are decided on, as those of <see cref="GovernedChatCompletionService"/>: the prompt is one message of the user, each text of the reply one
/// message of the assistant. Connectors for chat register themselves as text services too. Thread-safe if the inner service is.
/// </summary>
internal sealed class GovernedTextGenerationService(ITextGenerationService inner, SemanticKernelGovernor governor, bool ownsInner) : ITextGenerationService, IAsyncDisposable, IDisposable
{
    public IReadOnlyDictionary<string, object?> Attributes => inner.Attributes;

    public async Task<IReadOnlyList<TextContent>> GetTextContentsAsync(
        string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessageContent> replies = await governor.ModelCalls.RunAsync(
            Ask(prompt),
            kernel,
            (Inner: inner, Settings: executionSettings, Kernel: kernel),
            static async (call, sent, token) => AsMessages(await call.Inner.GetTextContentsAsync(TextOf(sent), call.Settings, call.Kernel, token).ConfigureAwait(false)),
            governor.ModelCalls.Replies,
            cancellationToken).ConfigureAwait(false);
        return [.. replies.Select(reply => new TextContent(reply.Content, reply.ModelId, reply.InnerContent, reply.Encoding, reply.Metadata))];
    }

    public async IAsyncEnumerable<StreamingTextContent> GetStreamingTextContentsAsync(
        string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<StreamingChatMessageContent> updates = governor.ModelCalls.StreamAsync(
            Ask(prompt), kernel, (sent, token) => AsMessages(inner.GetStreamingTextContentsAsync(TextOf(sent), executionSettings, kernel, token), token), cancellationToken);
        await foreach (StreamingChatMessageContent update in updates.ConfigureAwait(false))
        {
            yield return new StreamingTextContent(update.Content, update.ChoiceIndex, update.ModelId, update.InnerContent, update.Encoding, update.Metadata);
        }
    }

    public void Dispose()
    {
        if (ownsInner)
        {
            (inner as IDisposable)?.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        if (ownsInner && inner is IAsyncDisposable disposable)
        {
            return disposable.DisposeAsync();
        }

        Dispose();
        return default;
    }

    private static ChatHistory Ask(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ChatHistory history = [];
        history.AddUserMessage(prompt);
        return history;
    }

    private static string TextOf(ChatHistory sent) => sent[0].Content ?? string.Empty;

    private static List<ChatMessageContent> AsMessages(IReadOnlyList<TextContent> texts) =>
        [.. texts.Select(text => new ChatMessageContent(AuthorRole.Assistant, text.Text, text.ModelId, text.InnerContent, text.Encoding, text.Metadata))];

    private static async IAsyncEnumerable<StreamingChatMessageContent> AsMessages(IAsyncEnumerable<StreamingTextContent> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StreamingTextContent text in texts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return new StreamingChatMessageContent(AuthorRole.Assistant, text.Text, text.InnerContent, text.ChoiceIndex, text.ModelId, text.Encoding, text.Metadata);
        }
    }
}
