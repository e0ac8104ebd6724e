using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>A whole reply, and the updates it was streamed in; without them it is streamed anew.</summary>
internal sealed record Reply(ChatResponse Response, IReadOnlyList<ChatResponseUpdate>? Updates)
{
    internal static Reply Denied(Denial denial) => new(
        new ChatResponse(new ChatMessage(ChatRole.Assistant, denial.Text)) { FinishReason = ChatFinishReason.ContentFilter }, null);

    internal IReadOnlyList<ChatResponseUpdate> ToUpdates() => Updates ?? Response.ToChatResponseUpdates();
}
