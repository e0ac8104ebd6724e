using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Agt.Conformance;

/// <summary>A model that answers by script and remembers what it was asked. A fixture gives the framework a client that passes everything to it. Thread-safe.</summary>
public sealed class ProbeModel
{
    private readonly ConcurrentQueue<IReadOnlyList<ModelMessage>> _requests = new();
    private readonly ConcurrentQueue<ModelReply> _script = new();
    private int _piecesRead;
    private int _streamsDisposed;

    internal ProbeModel()
    {
    }

    /// <summary>The requests that reached it, in order.</summary>
    public IReadOnlyCollection<IReadOnlyList<ModelMessage>> Requests => _requests;

    internal int PiecesRead => Volatile.Read(ref _piecesRead);

    internal int StreamsDisposed => Volatile.Read(ref _streamsDisposed);

    /// <summary>Whether it keeps no requests, for checks of memory.</summary>
    internal bool Forgets { get; set; }

    /// <summary>What a stream throws after its third piece; null for nothing.</summary>
    internal Exception? StreamError { get; set; }

    /// <summary>How often the text is repeated in a stream.</summary>
    internal int StreamRepeats { get; set; } = 1;

    /// <summary>Answers a request.</summary>
    /// <param name="messages">The messages, as the framework sends them.</param>
    /// <param name="cancellationToken">The framework's.</param>
    public ValueTask<ModelReply> AnswerAsync(IReadOnlyList<ModelMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Forgets)
        {
            _requests.Enqueue(messages);
        }

        return ValueTask.FromResult(_script.TryDequeue(out ModelReply? reply) ? reply : new ModelReply("The script has ended.", []));
    }

    /// <summary>Answers a request piece by piece: the text word by word, then the calls.</summary>
    /// <param name="messages">The messages, as the framework sends them.</param>
    /// <param name="cancellationToken">The framework's.</param>
    public async IAsyncEnumerable<ModelPiece> StreamAsync(IReadOnlyList<ModelMessage> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ModelReply reply = await AnswerAsync(messages, cancellationToken).ConfigureAwait(false);
        try
        {
            int given = 0;
            for (int i = 0; i < StreamRepeats; i++)
            {
                foreach (string word in Words(reply.Text))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (given++ == 3 && StreamError is not null)
                    {
                        throw StreamError;
                    }

                    Interlocked.Increment(ref _piecesRead);
                    yield return new ModelPiece(word, null);
                }
            }

            foreach (ModelCall call in reply.Calls)
            {
                Interlocked.Increment(ref _piecesRead);
                yield return new ModelPiece(string.Empty, call);
            }
        }
        finally
        {
            Interlocked.Increment(ref _streamsDisposed);
        }
    }

    internal void Clear() => _script.Clear();

    internal void Says(string text, long tokens = 12) => _script.Enqueue(new ModelReply(text, [], tokens));

    internal void Calls(params ModelCall[] calls) => _script.Enqueue(new ModelReply(string.Empty, calls));

    private static IEnumerable<string> Words(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int end = text.IndexOf(' ', at + 1);
            end = end < 0 ? text.Length : end;
            yield return text[at..end];
            at = end;
        }
    }
}
