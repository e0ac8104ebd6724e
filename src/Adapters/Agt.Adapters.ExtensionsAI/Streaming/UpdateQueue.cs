using System.Text;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>Updates that wait to be let out, in order, the first of them perhaps in part. Not thread-safe.</summary>
internal sealed class UpdateQueue
{
    private readonly Queue<(ChatResponseUpdate Update, string Text)> _waiting = new();
    private int _gone;
    private int _free;

    internal void Add(ChatResponseUpdate update, string text) => _waiting.Enqueue((update, text));

    /// <summary>Lets so many more characters out.</summary>
    internal List<ChatResponseUpdate> Release(int characters)
    {
        _free += characters;
        var released = new List<ChatResponseUpdate>();
        while (_waiting.TryPeek(out (ChatResponseUpdate Update, string Text) next))
        {
            int left = next.Text.Length - _gone;
            if (left <= _free)
            {
                _waiting.Dequeue();
                released.Add(_gone == 0 ? next.Update : Part(next.Update, next.Text[_gone..], isLast: true));
                _free -= left;
                _gone = 0;
                continue;
            }

            if (_free > 0)
            {
                released.Add(Part(next.Update, next.Text.Substring(_gone, _free), isLast: false));
                _gone += _free;
                _free = 0;
            }

            break;
        }

        return released;
    }

    internal static string TextOf(ChatResponseUpdate update)
    {
        if (update.Contents is [TextContent only])
        {
            return only.Text;
        }

        var text = new StringBuilder();
        foreach (TextContent content in update.Contents.OfType<TextContent>())
        {
            text.Append(content.Text);
        }

        return text.ToString();
    }

    /// <summary>A part of an update. What is not text, and how the reply ended, comes with the last one.</summary>
    private static ChatResponseUpdate Part(ChatResponseUpdate update, string text, bool isLast)
    {
        ChatResponseUpdate part = update.Clone();
        part.Contents = [new TextContent(text), .. isLast ? update.Contents.Where(content => content is not TextContent) : []];
        part.FinishReason = isLast ? update.FinishReason : null;
        return part;
    }
}
