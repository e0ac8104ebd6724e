using System.Text;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>Puts the updates of a stream together, within bounds. Not thread-safe.</summary>
/// <typeparam name="T">The type of an update.</typeparam>
internal sealed class StreamAssembler<T>(SemanticKernelGovernanceOptions options)
{
    private readonly List<T> _updates = [];
    private readonly StringBuilder _text = new();
    private readonly FunctionCallContentBuilder _calls = new(Microsoft.Extensions.AI.AIJsonUtilities.DefaultOptions);
    private bool _hasCalls;
    private long _bytes;
    private bool _exact;

    /// <summary>Takes an update.</summary>
    /// <returns>Its text.</returns>
    /// <exception cref="RefusedException">The stream is too long, has several choices, or holds something that is neither text nor a tool call.</exception>
    internal string Add(T update)
    {
        string? piece = StreamUpdate.TextOf(update);
        if (piece is null || _updates.Count >= options.MaxStreamUpdates || IsTooMuch(piece) || update is StreamingKernelContent { ChoiceIndex: not 0 })
        {
            throw new RefusedException(new PayloadException(ReasonCodes.StreamingUnsupported, "A stream is too long, has several choices or holds something unknown."));
        }

        _updates.Add(update);
        _text.Append(piece);
        if (update is StreamingChatMessageContent chat && StreamUpdate.HasCalls(chat))
        {
            _hasCalls = true;
            _calls.Append(chat);
        }

        return piece;
    }

    /// <summary>Whether a piece is one too many, in bytes of UTF-8 (spec 08, ADP-131). They are only counted once the characters could make too many: a character is three at the most.</summary>
    private bool IsTooMuch(string piece)
    {
        _bytes += _exact ? Encoding.UTF8.GetByteCount(piece) : 3L * piece.Length;
        if (_bytes > options.MaxStreamBytes && !_exact)
        {
            _exact = true;
            _bytes = Encoding.UTF8.GetByteCount(piece);
            foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
            {
                _bytes += Encoding.UTF8.GetByteCount(chunk.Span);
            }
        }

        return _bytes > options.MaxStreamBytes;
    }

    internal BufferedStream<T> Build() => new([.. _updates], _text.ToString(), _hasCalls ? _calls.Build() : []);
}
