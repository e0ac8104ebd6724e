using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>
/// Updates of text that wait to be let out, in order, the first of them perhaps in part. Not thread-safe. The provider's own object goes out with none of them, and metadata, which may
/// repeat the text (probabilities of tokens do), only with the last part of an update.
/// </summary>
internal sealed class UpdateQueue
{
    private readonly Queue<(StreamingChatMessageContent Update, string Text)> _waiting = new();
    private int _gone;
    private int _free;

    internal void Add(StreamingChatMessageContent update, string text) => _waiting.Enqueue((update, text));

    /// <summary>Lets so many more characters out.</summary>
    internal List<StreamingChatMessageContent> Release(int characters)
    {
        _free += characters;
        var released = new List<StreamingChatMessageContent>();
        while (_waiting.TryPeek(out (StreamingChatMessageContent Update, string Text) next))
        {
            int left = next.Text.Length - _gone;
            if (left > _free)
            {
                if (_free > 0)
                {
                    released.Add(Part(next.Update, next.Text.Substring(_gone, _free)));
                    _gone += _free;
                    _free = 0;
                }

                break;
            }

            _waiting.Dequeue();
            released.Add((StreamingChatMessageContent)StreamUpdate.WithText(next.Update, next.Text[_gone..]));
            _free -= left;
            _gone = 0;
        }

        return released;
    }

    private static StreamingChatMessageContent Part(StreamingChatMessageContent update, string text) =>
        new(update.Role, text, null, update.ChoiceIndex, update.ModelId, update.Encoding) { AuthorName = update.AuthorName };
}
