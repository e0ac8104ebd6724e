using System.Runtime.CompilerServices;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Adapters.SemanticKernel.Streaming;
using Agt.Values;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>Rounds of model calls. Thread-safe.</summary>
internal sealed class ModelCalls(SemanticKernelGovernor governor)
{
    private readonly FrozenJson _json = new(AIJsonUtilities.DefaultOptions);

    internal ResultCodec Replies { get; } = new RepliesCodec(new FrozenJson(AIJsonUtilities.DefaultOptions));

    internal ResultCodec Streams { get; } = new StreamCodec(new FrozenJson(AIJsonUtilities.DefaultOptions));

    /// <summary>Decides on a rendered prompt.</summary>
    /// <returns>The prompt to send, or the denial.</returns>
    internal async ValueTask<(string? Prompt, GovernanceDeniedException? Denied)> RenderAsync(string? prompt, CancellationToken cancellationToken)
    {
        SessionLease lease = await governor.Governance.AcquireSessionAsync(governor.Principal, cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            GovernedAction action = Action(lease.Session, arena => PromptPayload.Capture(prompt, arena));
            try
            {
                GovernedResult<string?> result = await governor.Governance.InvokeAsync(
                    action,
                    prompt,
                    static (text, operation, _) => new ValueTask<string?>(operation.IsPayloadChanged ? Refusing(() => PromptPayload.Read(text, operation.Payload)) : text),
                    NothingCodec.Instance,
                    cancellationToken).ConfigureAwait(false);
                return result.IsAllowed ? (result.Value, null) : (null, new GovernanceDeniedException(result.Decision, result.DecisionId));
            }
            catch (RefusedException refused)
            {
                return (null, await governor.RefuseAsync(governor.ModelCall, lease.Session, null, refused.Reason).ConfigureAwait(false));
            }
        }
    }

    /// <summary>Does the whole round of a request.</summary>
    /// <exception cref="GovernanceDeniedException">The request or the reply was denied.</exception>
    internal async ValueTask<TResult> RunAsync<TState, TResult>(
        ChatHistory history, Kernel? kernel, TState state, Func<TState, ChatHistory, CancellationToken, ValueTask<TResult>> send, ResultCodec codec, CancellationToken cancellationToken)
    {
        SessionLease lease = await governor.Governance.AcquireSessionAsync(governor.Principal, cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            using (GovernanceScope.Enter(lease.Session))
            {
                await CheckHooksAsync(kernel, lease.Session).ConfigureAwait(false);
                var request = new ChatHistory(history);
                return await RunAsync(Freeze(lease.Session, request), request, history, kernel, state, send, codec, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Does the whole round of a request whose reply is streamed.</summary>
    /// <exception cref="GovernanceDeniedException">The request was denied, or the reply before any of it was out.</exception>
    internal async IAsyncEnumerable<StreamingChatMessageContent> StreamAsync(
        ChatHistory history,
        Kernel? kernel,
        Func<ChatHistory, CancellationToken, IAsyncEnumerable<StreamingChatMessageContent>> send,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (governor.Options.Streaming == StreamingMode.Buffer)
        {
            BufferedStream<StreamingChatMessageContent> whole = await RunAsync(
                history,
                kernel,
                (Send: send, governor.Options),
                static (call, sent, token) => BufferedStream<StreamingChatMessageContent>.ReadAsync(call.Send(sent, token), call.Options, token),
                Streams,
                cancellationToken).ConfigureAwait(false);
            foreach (StreamingChatMessageContent update in whole.Updates)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return update;
            }

            yield break;
        }

        var run = new WindowRun(governor, history, kernel, send, cancellationToken);
        await using (run.ConfigureAwait(false))
        {
            while (await run.NextAsync().ConfigureAwait(false) is { } released)
            {
                foreach (StreamingChatMessageContent update in released)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return update;
                }
            }
        }
    }

    /// <summary>Freezes a request.</summary>
    internal GovernedAction Freeze(GovernanceSession session, ChatHistory request) => Action(session, arena => HistoryPayload.Capture(request, arena, _json));

    /// <summary>Does the whole round of a request that was frozen.</summary>
    /// <exception cref="GovernanceDeniedException">The request or the reply was denied.</exception>
    internal async ValueTask<TResult> RunAsync<TState, TResult>(
        GovernedAction action,
        ChatHistory request,
        ChatHistory history,
        Kernel? kernel,
        TState state,
        Func<TState, ChatHistory, CancellationToken, ValueTask<TResult>> send,
        ResultCodec codec,
        CancellationToken cancellationToken)
    {
        try
        {
            GovernedResult<TResult> result = await governor.Governance.InvokeAsync(
                action,
                (Calls: this, Request: request, History: history, Kernel: kernel, State: state, Send: send),
                static (call, operation, token) => SendAsync(call.Calls.Bind(operation, call.Request, call.History, call.Kernel), call.State, call.Send, token),
                codec,
                cancellationToken).ConfigureAwait(false);
            return result.IsAllowed ? result.Value! : throw new GovernanceDeniedException(result.Decision, result.DecisionId);
        }
        catch (RefusedException refused)
        {
            throw await governor.RefuseAsync(governor.ModelCall, action.Session, null, refused.Reason).ConfigureAwait(false);
        }
    }

    /// <summary>What to send. Messages are mutable and shared with the caller: it must still be what was decided on.</summary>
    /// <exception cref="RefusedException">It is not, or a transform cannot be carried out.</exception>
    internal SentTurn Bind(GovernedOperation operation, ChatHistory request, ChatHistory history, Kernel? kernel)
    {
        GovernedValue before = operation.Action.Payload;
        GovernedValue payload = operation.Payload;
        ChatHistory sent = Refusing(() =>
        {
            var arena = new ValueArena(PayloadLimits.Default);
            return HistoryPayload.Capture(request, arena, _json).Equals(before)
                ? HistoryPayload.Rewrite(request, before, payload, _json)
                : throw new PayloadException(ReasonCodes.RequestInvalid, "A message was changed while its request was decided on.");
        });
        return new SentTurn(governor, operation.Action.Session, history, sent, kernel);
    }

    /// <summary>Refuses a request with a kernel that the filters were removed from: the connector would run the model's calls on it without asking anybody (ADP-156).</summary>
    /// <exception cref="GovernanceDeniedException">They were.</exception>
    internal async ValueTask CheckHooksAsync(Kernel? kernel, GovernanceSession session)
    {
        if (kernel is not null && !KernelHooks.AreInstalled(kernel, governor.Governance))
        {
            throw await governor.RefuseAsync(governor.ModelCall, session, null, ReasonCodes.BypassDetected).ConfigureAwait(false);
        }
    }

    private static async ValueTask<TResult> SendAsync<TState, TResult>(
        SentTurn turn, TState state, Func<TState, ChatHistory, CancellationToken, ValueTask<TResult>> send, CancellationToken cancellationToken)
    {
        turn.Enter();
        TResult? result = default;
        try
        {
            result = await send(state, turn.Sent, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await turn.AuditAsync(result).ConfigureAwait(false);
        }

        turn.Settle(result);
        return result;
    }

    private GovernedAction Action(GovernanceSession session, Func<ValueArena, GovernedValue> capture)
    {
        ValueArena arena = governor.Governance.RentArena();
        try
        {
            return new GovernedAction(governor.ModelCall, session, capture(arena), arena, null, GovernanceScope.Action);
        }
        catch (PayloadException unreadable)
        {
            arena.Release();
            return new GovernedAction(governor.ModelCall, session, default, null, null, GovernanceScope.Action, unreadable.Reason);
        }
    }

    private static T Refusing<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (PayloadException exception)
        {
            throw new RefusedException(exception);
        }
    }
}
