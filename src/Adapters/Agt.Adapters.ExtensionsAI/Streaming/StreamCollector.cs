using Agt.Adapters.ExtensionsAI.Chat;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>Holds a stream back until it is whole.</summary>
internal static class StreamCollector
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">How much may be held back.</param>
    /// <param name="below">The turn, if the layer below may have put the same updates together already.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="Refusal">It is longer than may be held back; what it comes from is disposed.</exception>
    internal static async ValueTask<Reply> CollectAsync(
        IAsyncEnumerable<ChatResponseUpdate> stream, ExtensionsAIGovernanceOptions options, ChatTurn? below, CancellationToken cancellationToken)
    {
        var buffer = new StreamBuffer(options);
        Reply? same = null;
        List<ChatResponseUpdate>? expected = null;
        int matched = 0;
        IAsyncEnumerator<ChatResponseUpdate> source = stream.GetAsyncEnumerator(cancellationToken);
        await using (source.ConfigureAwait(false))
        {
            while (true)
            {
                ValueTask<bool> next = source.MoveNextAsync();
                if (!(next.IsCompletedSuccessfully ? next.Result : await next.ConfigureAwait(false)))
                {
                    break;
                }

                ChatResponseUpdate update = source.Current;
                if (matched == 0 && buffer.IsEmpty)
                {
                    same = below?.Released;
                    expected = same?.Updates as List<ChatResponseUpdate>;
                }

                if (expected is not null && matched < expected.Count && ReferenceEquals(expected[matched], update))
                {
                    // The layer below has held the same updates back, within the same bounds, and let them out in one piece.
                    matched++;
                    continue;
                }

                if (expected is not null)
                {
                    buffer.AddRange(expected, matched);
                    expected = null;
                }

                buffer.Add(update);
            }
        }

        if (expected is null)
        {
            return buffer.Build();
        }

        if (matched == expected.Count)
        {
            return same!;
        }

        buffer.AddRange(expected, matched);
        return buffer.Build();
    }
}
