using Agt.Adapters.SemanticKernel.Functions;
using Agt.Adapters.SemanticKernel.Streaming;
using Agt.Chain;
using Agt.Streaming;
using Agt.Values;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// One streamed request, step by step, let out while it comes. What is ambient (session, action, turn) is set anew at every step: an iterator runs each of them in the context of whoever
/// asks for it. Not thread-safe.
/// </summary>
internal sealed class WindowRun(
    SemanticKernelGovernor governor,
    ChatHistory history,
    Kernel? kernel,
    Func<ChatHistory, CancellationToken, IAsyncEnumerable<StreamingChatMessageContent>> send,
    CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly StreamAssembler<StreamingChatMessageContent> _whole = new(governor.Options);
    private readonly List<StreamingChatMessageContent> _held = [];
    private readonly UpdateQueue _queue = new();
    private SessionLease? _lease;
    private GovernedOperation? _operation;
    private GovernedAction? _action;
    private SentTurn? _turn;
    private IAsyncEnumerator<StreamingChatMessageContent>? _source;
    private StreamWindow? _window;
    private CancellationToken _effect;
    private bool _isHolding;
    private bool _isBlocked;
    private bool _started;
    private bool _isOut;
    private bool _isTooLong;

    /// <summary>Whether nothing is held back: what is decided on changes nothing.</summary>
    private bool Observes => governor.Options.Streaming == StreamingMode.Observe;

    /// <summary>What may go out next; null at the end.</summary>
    /// <exception cref="GovernanceDeniedException">The request was denied, or the reply before any of it was out.</exception>
    internal async ValueTask<IReadOnlyList<StreamingChatMessageContent>?> NextAsync()
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
        _turn!.Enter();
        try
        {
            bool more = await _source.MoveNextAsync().ConfigureAwait(false);
            _effect.ThrowIfCancellationRequested();
            IReadOnlyList<StreamingChatMessageContent> released = (more ? Take(_source.Current) : null) ?? await FinishAsync().ConfigureAwait(false);
            _isOut |= released.Count > 0;
            return released;
        }
        catch (RefusedException refused)
        {
            await FailAsync(refused).ConfigureAwait(false);
            return Denied(await RefuseAsync(refused.Reason).ConfigureAwait(false));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && _effect.IsCancellationRequested)
        {
            // The session was killed, or its time is over.
            await FailAsync(exception).ConfigureAwait(false);
            return Denied(await RefuseAsync(_action!.Session.IsKilled ? ReasonCodes.Killed : ReasonCodes.SessionExpired).ConfigureAwait(false));
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
        try
        {
            await EndSourceAsync(null).ConfigureAwait(false);
        }
        finally
        {
            await EndOperationAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<IReadOnlyList<StreamingChatMessageContent>> StartAsync()
    {
        SessionLease lease = await governor.Governance.AcquireSessionAsync(governor.Principal, cancellationToken).ConfigureAwait(false);
        _lease = lease;
        ModelCalls calls = governor.ModelCalls;
        await calls.CheckHooksAsync(kernel, lease.Session).ConfigureAwait(false);
        var request = new ChatHistory(history);
        _action = calls.Freeze(lease.Session, request);
        using GovernanceScope.Scope scope = GovernanceScope.Enter(lease.Session);
        if ((Observes ? [] : (governor.Governance as GovernanceEngine)?.BlockedLiterals(_action)) is not { } literals)
        {
            return (await calls.RunAsync(
                _action,
                request,
                history,
                kernel,
                (Send: send, governor.Options),
                static (call, sent, token) => BufferedStream<StreamingChatMessageContent>.ReadAsync(call.Send(sent, token), call.Options, token),
                calls.Streams,
                cancellationToken).ConfigureAwait(false)).Updates;
        }

        _window = new StreamWindow(literals);
        GovernedOperation operation = await governor.Governance.AuthorizeAsync(_action, cancellationToken).ConfigureAwait(false);
        _operation = operation;
        return operation.IsAllowed ? await OpenAsync(operation, request).ConfigureAwait(false) : throw new GovernanceDeniedException(operation.Decision, operation.DecisionId);
    }

    private async ValueTask<IReadOnlyList<StreamingChatMessageContent>> OpenAsync(GovernedOperation operation, ChatHistory request)
    {
        using GovernanceScope.Scope scope = GovernanceScope.Enter(_action!);
        try
        {
            SentTurn turn = governor.ModelCalls.Bind(operation, request, history, kernel);
            turn.Enter();
            _effect = operation.CancellationToken;
            _source = send(turn.Sent, _effect).GetAsyncEnumerator(_effect);
            _turn = turn;
            return [];
        }
        catch (RefusedException refused)
        {
            await FailAsync(refused).ConfigureAwait(false);
            throw await RefuseAsync(refused.Reason).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await FailAsync(exception).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes in an update.</summary>
    /// <returns>What may go out now; null if the stream ends here, since there is a blocked text in it.</returns>
    private List<StreamingChatMessageContent>? Take(StreamingChatMessageContent update)
    {
        if (Observes)
        {
            return Watch(update);
        }

        string text = _whole.Add(update);
        _isBlocked |= IsBlocked(update.AuthorName) || IsBlocked(update.Role?.Label) || IsBlocked(update.ModelId);
        _isHolding |= StreamUpdate.HasCalls(update);
        if (_isBlocked)
        {
            return null;
        }

        if (_isHolding)
        {
            _held.Add(update);
            return [];
        }

        _queue.Add(update, text);
        _isBlocked = !_window!.TryAppend(text, out int released);
        return _isBlocked ? null : _queue.Release(released);
    }

    /// <summary>Lets an update out as it is, and remembers it as long as it can be judged.</summary>
    private List<StreamingChatMessageContent> Watch(StreamingChatMessageContent update)
    {
        if (!_isTooLong)
        {
            try
            {
                _whole.Add(update);
            }
            catch (RefusedException)
            {
                // It cannot be judged as a whole any more; how the operation ends says so.
                _isTooLong = true;
            }
        }

        return [update];
    }

    private bool IsBlocked(string? text) => text is not null && _window!.IsBlocked(GovernedValue.From(text));

    /// <summary>The whole reply is decided on, whatever of it is out already.</summary>
    private async ValueTask<IReadOnlyList<StreamingChatMessageContent>> FinishAsync()
    {
        if (_isTooLong)
        {
            await FailAsync(new RefusedException(new PayloadException(ReasonCodes.StreamingUnsupported, "The stream could not be judged as a whole."))).ConfigureAwait(false);
            return [];
        }

        BufferedStream<StreamingChatMessageContent> whole = _whole.Build();
        await EndSourceAsync(whole).ConfigureAwait(false);
        _turn!.Settle(whole);
        _isBlocked |= !_window!.TryComplete(out int released);
        ResultCodec codec = governor.ModelCalls.Streams;
        GovernedOperation operation = _operation!.Value;
        _operation = null;
        GovernedResult<BufferedStream<StreamingChatMessageContent>> result;
        await using (operation.ConfigureAwait(false))
        {
            result = await operation.CompleteAsync(whole, _isOut ? new OutCodec(codec) : codec, cancellationToken).ConfigureAwait(false);
        }

        if (!result.IsAllowed)
        {
            return Denied(new GovernanceDeniedException(result.Decision, result.DecisionId));
        }

        if (_isBlocked)
        {
            // Who named the text let it pass after all; the promise holds nevertheless.
            return Denied(await RefuseAsync(ReasonCodes.StreamingUnsupported).ConfigureAwait(false));
        }

        return ReferenceEquals(result.Value, whole) ? [.. _queue.Release(released), .. _held] : result.Value!.Updates;
    }

    private ValueTask<GovernanceDeniedException> RefuseAsync(ReasonCode reason) => governor.RefuseAsync(governor.ModelCall, _action!.Session, null, reason);

    /// <summary>Where text is out already, the stream ends with one update that says why (ADP-132); an exception would be taken for a broken connection.</summary>
    private StreamingChatMessageContent[] Denied(GovernanceDeniedException denied) => !_isOut ? throw denied :
    [
        new StreamingChatMessageContent(AuthorRole.Assistant, denied.Message, metadata: new Dictionary<string, object?> { ["FinishReason"] = "ContentFilter" }),
    ];

    private async ValueTask FailAsync(Exception exception)
    {
        await EndSourceAsync(null).ConfigureAwait(false);
        if (_operation is { } operation)
        {
            _operation = null;
            await operation.FailAsync(exception).ConfigureAwait(false);
            await operation.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask EndOperationAsync()
    {
        SessionLease? lease = _lease;
        _lease = null;
        try
        {
            if (_operation is { } operation)
            {
                _operation = null;
                await operation.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (lease is { } held)
            {
                await held.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask EndSourceAsync(object? result)
    {
        if (_source is { } source)
        {
            _source = null;
            try
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                await _turn!.AuditAsync(result).ConfigureAwait(false);
            }
        }
    }
}
