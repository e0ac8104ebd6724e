using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// A chat service whose requests and replies are decided on. What the inner service does within one request (its loop of tool calls) is one model call here;
/// the tool calls in it are decided on by the kernel's filters. Thread-safe if the inner service is. A denial is a <see cref="GovernanceDeniedException"/>.
/// </summary>
internal sealed class GovernedChatCompletionService(IChatCompletionService inner, SemanticKernelGovernor governor, bool ownsInner) : IChatCompletionService, IAsyncDisposable, IDisposable
{
    internal SemanticKernelGovernor Governor => governor;

    public IReadOnlyDictionary<string, object?> Attributes => inner.Attributes;

    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        IReadOnlyList<ChatMessageContent> replies = await governor.ModelCalls.RunAsync(
            chatHistory,
            kernel,
            (Inner: inner, Settings: executionSettings, Kernel: kernel),
            static async (call, sent, token) => await call.Inner.GetChatMessageContentsAsync(sent, call.Settings, call.Kernel, token).ConfigureAwait(false),
            governor.ModelCalls.Replies,
            cancellationToken).ConfigureAwait(false);
        return replies;
    }

    public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        IAsyncEnumerable<StreamingChatMessageContent> updates = governor.ModelCalls.StreamAsync(
            chatHistory, kernel, (sent, token) => inner.GetStreamingChatMessageContentsAsync(sent, executionSettings, kernel, token), cancellationToken);
        await foreach (StreamingChatMessageContent update in updates.ConfigureAwait(false))
        {
            yield return update;
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
}
