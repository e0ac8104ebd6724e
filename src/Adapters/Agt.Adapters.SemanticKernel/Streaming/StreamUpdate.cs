using Agt.Adapters.SemanticKernel.Chat;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>One update of a stream.</summary>
internal static class StreamUpdate
{
    /// <summary>Its text, empty if it has none; null if it holds something that is neither text nor a tool call.</summary>
    internal static string? TextOf<T>(T update) => update switch
    {
        string text => text,
        StreamingTextContent text => text.Text ?? string.Empty,
        StreamingChatMessageContent chat => chat.Items.All(item => item is StreamingTextContent or StreamingFunctionCallUpdateContent)
            ? string.Concat(chat.Items.OfType<StreamingTextContent>().Select(item => item.Text))
            : null,
        StreamingMethodContent method => method.Content as string,
        _ => null,
    };

    internal static bool HasCalls(StreamingChatMessageContent chat) => chat.Items.OfType<StreamingFunctionCallUpdateContent>().Any();

    /// <summary>The same update with another text. The provider's own object is left out: it holds the text that was replaced.</summary>
    internal static object WithText(object update, string text) => update switch
    {
        string => text,
        StreamingTextContent old => new StreamingTextContent(text, old.ChoiceIndex, old.ModelId, null, old.Encoding, old.Metadata),
        StreamingChatMessageContent old => new StreamingChatMessageContent(old.Role, text, null, old.ChoiceIndex, old.ModelId, old.Encoding, old.Metadata)
        {
            AuthorName = old.AuthorName,
        },
        StreamingMethodContent old => new StreamingMethodContent(text, old.Metadata),
        _ => throw MessageMapper.Unsupported(),
    };
}
