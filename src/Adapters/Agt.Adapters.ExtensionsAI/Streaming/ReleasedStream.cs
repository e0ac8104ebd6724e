using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>
/// A stream whose updates are all there at its first step, or none. Written by hand: a step costs a few nanoseconds, where one that the compiler writes costs tens. Each enumeration is a request of
/// its own, as it is with any client's stream.
/// </summary>
/// <typeparam name="TState">What the request needs.</typeparam>
internal sealed class ReleasedStream<TState>(
    TState state, Func<TState, CancellationToken, ValueTask<IReadOnlyList<ChatResponseUpdate>>> ask, CancellationToken cancellationToken) : IAsyncEnumerable<ChatResponseUpdate>
{
    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(this, cancellationToken);

    private sealed class Enumerator : IAsyncEnumerator<ChatResponseUpdate>
    {
        private readonly ReleasedStream<TState> _stream;
        private readonly CancellationTokenSource? _linked;
        private readonly CancellationToken _cancellationToken;
        private IReadOnlyList<ChatResponseUpdate>? _updates;
        private int _at;

        internal Enumerator(ReleasedStream<TState> stream, CancellationToken token)
        {
            _stream = stream;
            CancellationToken given = stream.CancellationToken;
            if (given.CanBeCanceled && token.CanBeCanceled && given != token)
            {
                _linked = CancellationTokenSource.CreateLinkedTokenSource(given, token);
            }

            _cancellationToken = _linked?.Token ?? (token.CanBeCanceled ? token : given);
        }

        public ChatResponseUpdate Current { get; private set; } = null!;

        public ValueTask<bool> MoveNextAsync()
        {
            if (_updates is not { } updates)
            {
                return BeginAsync();
            }

            if (_cancellationToken.IsCancellationRequested && _at < updates.Count)
            {
                return ValueTask.FromCanceled<bool>(_cancellationToken);
            }

            return new(Advance(updates));
        }

        public ValueTask DisposeAsync()
        {
            _updates = [];
            _linked?.Dispose();
            return default;
        }

        private async ValueTask<bool> BeginAsync()
        {
            _updates = await _stream.AskAsync(_cancellationToken).ConfigureAwait(false);
            if (_updates.Count > 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            return Advance(_updates);
        }

        private bool Advance(IReadOnlyList<ChatResponseUpdate> updates)
        {
            if (_at >= updates.Count)
            {
                return false;
            }

            Current = updates is List<ChatResponseUpdate> list ? list[_at] : updates[_at];
            _at++;
            return true;
        }
    }

    private CancellationToken CancellationToken => cancellationToken;

    private ValueTask<IReadOnlyList<ChatResponseUpdate>> AskAsync(CancellationToken token) => ask(state, token);
}
