using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>
/// How much of one stream is held back, in bytes of UTF-8 (spec 08, ADP-131). Bytes are only counted once the characters could make too many: a character is three at the most. Not thread-safe.
/// </summary>
internal sealed class StreamWeight(ExtensionsAIGovernanceOptions options)
{
    private const int Part = 16;
    private readonly int _most = options.MaxBufferedBytes;
    private readonly int _mostUpdates = options.MaxBufferedUpdates;
    private long _weight;
    private int _updates;
    private bool _exact;

    /// <summary>Takes the next update, which the caller has added to those before.</summary>
    /// <returns>Whether that is too much.</returns>
    internal bool Exceeds(IReadOnlyList<ChatResponseUpdate> all, ChatResponseUpdate update, TextContent? text)
    {
        _weight += text is not null ? TextWeight(text.Text) : Weigh(update);
        if (_weight > _most && !_exact)
        {
            _exact = true;
            _weight = 0;
            for (int i = 0; i < all.Count; i++)
            {
                _weight += Weigh(all[i]);
            }
        }

        return _weight > _most || ++_updates > _mostUpdates;
    }

    private long Weigh(ChatResponseUpdate update)
    {
        long weight = 0;
        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            weight += Weigh(contents[i]);
        }

        return weight;
    }

    private long Weigh(AIContent content) => content switch
    {
        TextContent text => TextWeight(text.Text),
        TextReasoningContent reasoning => TextWeight(reasoning.Text),
        DataContent data => data.Data.Length,
        FunctionCallContent { Arguments: { } arguments } => Part + arguments.Sum(a => TextWeight(a.Key) + Weigh(a.Value)),
        FunctionResultContent result => Weigh(result.Result),
        _ => Part,
    };

    private long Weigh(object? value) => value switch
    {
        string text => TextWeight(text),
        JsonElement { ValueKind: not JsonValueKind.Undefined } element => JsonMarshal.GetRawUtf8Value(element).Length,
        _ => Part,
    };

    private long TextWeight(string text) => _exact ? Encoding.UTF8.GetByteCount(text) : 3L * text.Length;
}
