using System.Runtime.CompilerServices;
using Agt.Adapters.ExtensionsAI.Streaming;
using Agt.Chain;
using Agt.Streaming;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <content>Streams that are let out while they come.</content>
internal abstract partial class GovernedLayer
{
    private IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => (Governor.Governance as GovernanceEngine)?.BlockedLiterals(action);

    private async IAsyncEnumerable<ChatResponseUpdate> WindowAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new WindowRun(this, new Request(this, Snapshot(messages), Prepare(options?.Clone()), true, default), cancellationToken);
        await using (run.ConfigureAwait(false))
        {
            while (await run.NextAsync().ConfigureAwait(false) is { } released)
            {
                foreach (ChatResponseUpdate update in released)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return update;
                }
            }
        }
    }

    /// <summary>
    /// One streamed request, step by step. What is ambient (session, action, turn) is set anew at every step: an iterator runs each of them in the context of whoever asks for it.
    /// </summary>
    private sealed class WindowRun(GovernedLayer layer, Request request, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly List<ChatResponseUpdate> _updates = [];
        private readonly List<ChatResponseUpdate> _held = [];
        private readonly UpdateQueue _queue = new();
        private Request _request = request;
        private SessionLease? _lease;
        private GovernedOperation? _operation;
        private IAsyncEnumerator<ChatResponseUpdate>? _source;
        private GovernedAction? _action;
        private GovernedAction? _parent;
        private ChatTurn? _turn;
        private StreamWindow? _window;
        private CancellationToken _effect;
        private readonly StreamWeight _weight = new(layer.Governor.Options);
        private bool _holds;
        private bool _isBlocked;
        private bool _started;
        private bool _isOut;
        private bool _isTooLong;

        /// <summary>Whether nothing is held back: what is decided on changes nothing.</summary>
        private bool Observes => layer.Governor.Options.Streaming == StreamingMode.Observe;

        /// <summary>What may go out next; null at the end.</summary>
        internal async ValueTask<IReadOnlyList<ChatResponseUpdate>?> NextAsync()
        {
            if (!_started)
            {
                _started = true;
                return await StartAsync().ConfigureAwait(false);
            }

            if (_source is null)
            {
                return null;
            }

            using GovernanceScope.Scope scope = GovernanceScope.Enter(_action!);
            _turn?.Enter();
            try
            {
                bool more = await _source.MoveNextAsync().ConfigureAwait(false);
                _effect.ThrowIfCancellationRequested();
                IReadOnlyList<ChatResponseUpdate> released = (more ? Take(_source.Current) : null) ?? await FinishAsync().ConfigureAwait(false);
                _isOut |= released.Count > 0;
                return released;
            }
            catch (Refusal refusal)
            {
                await FailAsync(refusal).ConfigureAwait(false);
                return Denied(await refusal.DecideAsync(layer.Governor.Governance, _action!).ConfigureAwait(false));
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && _effect.IsCancellationRequested)
            {
                // The session was killed, or its time is over.
                await FailAsync(exception).ConfigureAwait(false);
                var ended = new Refusal(_action!.Session.IsKilled ? ReasonCodes.Killed : ReasonCodes.SessionExpired);
                return Denied(await ended.DecideAsync(layer.Governor.Governance, _action).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                // What was held back stays here.
                await FailAsync(exception).ConfigureAwait(false);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await EndSourceAsync().ConfigureAwait(false);
            if (_operation is { } operation)
            {
                _operation = null;
                await operation.DisposeAsync().ConfigureAwait(false);
            }

            if (_lease is { } lease)
            {
                _lease = null;
                await lease.DisposeAsync().ConfigureAwait(false);
            }
        }

        private async ValueTask<IReadOnlyList<ChatResponseUpdate>> StartAsync()
        {
            ChatGovernor governor = layer.Governor;
            _parent = GovernanceScope.Action;
            SessionLease lease;
            try
            {
                lease = await governor.Governance.AcquireSessionAsync(governor.Principal, cancellationToken).ConfigureAwait(false);
            }
            catch (GovernanceDeniedException denied) when (!governor.Options.ThrowOnDeny)
            {
                return Reply.Denied(Denial.Of(denied)).ToUpdates();
            }

            _lease = lease;
            layer.Enter(lease);
            _turn = ChatTurn.Current;
            _request = _request with { Lease = lease, Messages = await layer.AdmitAsync(_request.Messages, lease, _parent).ConfigureAwait(false) };
            _action = layer.Freeze(_request, lease.Session, _parent);
            if ((Observes ? [] : layer.BlockedLiterals(_action)) is not { } literals)
            {
                using GovernanceScope.Scope scope = GovernanceScope.Enter(lease.Session);
                (Reply reply, bool allowed) = await layer.DecideAsync(_action, _request, cancellationToken).ConfigureAwait(false);
                return (allowed ? await layer.SettleAsync(reply, _action, _request, _parent, cancellationToken).ConfigureAwait(false) : reply).ToUpdates();
            }

            _window = new StreamWindow(literals);
            GovernedOperation operation = await governor.Governance.AuthorizeAsync(_action, cancellationToken).ConfigureAwait(false);
            _operation = operation;
            if (!operation.IsAllowed)
            {
                return Denied(new Denial(operation.Decision, operation.DecisionId));
            }

            return await OpenAsync(operation).ConfigureAwait(false);
        }

        private async ValueTask<IReadOnlyList<ChatResponseUpdate>> OpenAsync(GovernedOperation operation)
        {
            try
            {
                (IReadOnlyList<ChatMessage> messages, ChatOptions? options) = layer.Bind(_request, operation);
                if (layer.Check(options, operation.Decision) is { } unspoken)
                {
                    throw new Refusal(unspoken);
                }

                using GovernanceScope.Scope scope = GovernanceScope.Enter(_action!);
                _request = _request with { Messages = messages, Options = options };
                _effect = operation.CancellationToken;
                _source = layer.InnerClient.GetStreamingResponseAsync(messages, options, _effect).GetAsyncEnumerator(_effect);
                return [];
            }
            catch (Refusal refusal)
            {
                await FailAsync(refusal).ConfigureAwait(false);
                return Denied(await refusal.DecideAsync(layer.Governor.Governance, _action!).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                await FailAsync(exception).ConfigureAwait(false);
                throw;
            }
        }

        /// <summary>Takes in an update.</summary>
        /// <returns>What may go out now; null if the stream ends here, since there is a blocked text in it.</returns>
        private List<ChatResponseUpdate>? Take(ChatResponseUpdate update)
        {
            if (Observes)
            {
                return Watch(update);
            }

            // What the provider keeps beside an update may say more than was searched.
            update.RawRepresentation = null;
            layer.Receive(update, _request.Lease);
            _updates.Add(update);
            if (_weight.Exceeds(_updates, update, null))
            {
                throw new Refusal(ReasonCodes.StreamingUnsupported);
            }

            _isBlocked |= IsBlocked(update.AuthorName) || IsBlocked(update.Role?.Value) || IsBlocked(update.FinishReason?.Value);
            foreach (AIContent content in update.Contents)
            {
                RefuseUnknown(content);
                _holds |= content is TextContent ? content.Annotations is { Count: > 0 } : !layer.MayPass(content);
                _isBlocked |= content is not TextContent && IsBlocked(content);
            }

            if (_isBlocked)
            {
                return null;
            }

            if (_holds)
            {
                _held.Add(update);
                return [];
            }

            string text = UpdateQueue.TextOf(update);
            _queue.Add(update, text);
            _isBlocked = !_window!.TryAppend(text, out int released);
            return _isBlocked ? null : _queue.Release(released);
        }

        /// <summary>Lets an update out as it is, and remembers it as long as there is room.</summary>
        private List<ChatResponseUpdate> Watch(ChatResponseUpdate update)
        {
            if (!_isTooLong)
            {
                _updates.Add(update);
                _isTooLong = _weight.Exceeds(_updates, update, null);
            }

            if (_isTooLong)
            {
                _updates.Clear();
            }

            return [update];
        }

        private bool IsBlocked(string? text) => text is not null && _window!.IsBlocked(GovernedValue.From(text));

        private bool IsBlocked(AIContent content)
        {
            ValueArena arena = PartRewriter.NewArena();
            arena.BeginList();
            PartWriter.WritePart(arena, content, layer.Governor.Freezer);
            return _window!.IsBlocked(arena.End());
        }

        /// <summary>The whole reply is decided on, whatever of it is out already.</summary>
        private async ValueTask<IReadOnlyList<ChatResponseUpdate>> FinishAsync()
        {
            await EndSourceAsync().ConfigureAwait(false);
            if (_isTooLong)
            {
                await FailAsync(new Refusal(ReasonCodes.StreamingUnsupported)).ConfigureAwait(false);
                return [];
            }

            _isBlocked |= !_window!.TryComplete(out int released);
            Reply whole = layer.Complete(new Reply(_updates.ToChatResponse(), [.. _updates]), _request.Lease, _request.Messages);
            ResultCodec codec = _isOut ? new WindowCodec(layer.Governor.Codec) : layer.Governor.Codec;
            GovernedOperation operation = _operation!.Value;
            _operation = null;
            GovernedResult<Reply> result;
            await using (operation.ConfigureAwait(false))
            {
                result = await operation.CompleteAsync(whole, codec, cancellationToken).ConfigureAwait(false);
            }

            if (!result.IsAllowed)
            {
                return Denied(Denial.Of(in result));
            }

            if (_isBlocked)
            {
                // Who named the text let it pass after all; the promise holds nevertheless.
                return Denied(await new Refusal(ReasonCodes.StreamingUnsupported).DecideAsync(layer.Governor.Governance, _action!).ConfigureAwait(false));
            }

            Reply settled = await layer.SettleAsync(result.Value!, _action!, _request, _parent, cancellationToken).ConfigureAwait(false);
            return ReferenceEquals(settled, whole) && whole.Updates is { } all
                ? [.. _queue.Release(released), .. _held, .. all.Skip(_updates.Count)]
                : settled.ToUpdates();
        }

        private IReadOnlyList<ChatResponseUpdate> Denied(Denial denial) => layer.Deny(denial).ToUpdates();

        private async ValueTask FailAsync(Exception exception)
        {
            await EndSourceAsync().ConfigureAwait(false);
            if (_operation is { } operation)
            {
                _operation = null;
                await operation.FailAsync(exception).ConfigureAwait(false);
                await operation.DisposeAsync().ConfigureAwait(false);
            }
        }

        private async ValueTask EndSourceAsync()
        {
            if (_source is { } source)
            {
                _source = null;
                await source.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
