using System.Text;
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
                if (kernel is not null && !KernelHooks.AreInstalled(kernel, governor.Governance))
                {
                    // The connector would run the model's calls on a kernel that asks nobody.
                    throw await governor.RefuseAsync(governor.ModelCall, lease.Session, null, ReasonCodes.BypassDetected).ConfigureAwait(false);
                }

                return await RunAsync(lease.Session, history, kernel, state, send, codec, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<TResult> RunAsync<TState, TResult>(
        GovernanceSession session, ChatHistory history, Kernel? kernel, TState state, Func<TState, ChatHistory, CancellationToken, ValueTask<TResult>> send, ResultCodec codec, CancellationToken cancellationToken)
    {
        var request = new ChatHistory(history);
        GovernedAction action = Action(session, arena => HistoryPayload.Capture(request, arena, _json));
        try
        {
            GovernedResult<TResult> result = await governor.Governance.InvokeAsync(
                action,
                (Calls: this, Request: request, History: history, Kernel: kernel, State: state, Send: send),
                static (call, operation, token) => call.Calls.SendAsync(operation, call.Request, call.History, call.Kernel, call.State, call.Send, token),
                codec,
                cancellationToken).ConfigureAwait(false);
            return result.IsAllowed ? result.Value! : throw new GovernanceDeniedException(result.Decision, result.DecisionId);
        }
        catch (RefusedException refused)
        {
            throw await governor.RefuseAsync(governor.ModelCall, session, null, refused.Reason).ConfigureAwait(false);
        }
    }

    private async ValueTask<TResult> SendAsync<TState, TResult>(
        GovernedOperation operation,
        ChatHistory request,
        ChatHistory history,
        Kernel? kernel,
        TState state,
        Func<TState, ChatHistory, CancellationToken, ValueTask<TResult>> send,
        CancellationToken cancellationToken)
    {
        ChatHistory sent = Bind(operation, request);
        int count = sent.Count;
        var turn = new ModelTurn();
        governor.Turn = turn;
        TResult? result = default;
        try
        {
            result = await send(state, sent, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CallAudit.RecordAsync(governor, operation.Action.Session, turn, kernel, [.. sent.Skip(count)], CallsOf(result)).ConfigureAwait(false);
        }

        for (int i = count; i < sent.Count; i++)
        {
            // Connectors leave the tool calls of a turn, and their results, in the history that they are given.
            history.Add(sent[i]);
        }

        AnswerRest(sent, count, history);
        Report(sent, result);
        return result;
    }

    /// <summary>The history to send. Messages are mutable and shared with the caller: what is sent must still be what was decided on.</summary>
    private ChatHistory Bind(GovernedOperation operation, ChatHistory request) => Refusing(() =>
    {
        GovernedValue before = operation.Action.Payload;
        var arena = new ValueArena(PayloadLimits.Default);
        return HistoryPayload.Capture(request, arena, _json).Equals(before)
            ? HistoryPayload.Rewrite(request, before, operation.Payload, _json)
            : throw new PayloadException(ReasonCodes.RequestInvalid, "A message was changed while its request was decided on.");
    });

    private static IReadOnlyList<Microsoft.SemanticKernel.FunctionCallContent> CallsOf<TResult>(TResult? result) => result switch
    {
        IReadOnlyList<ChatMessageContent> replies => [.. replies.SelectMany(reply => reply.Items).OfType<Microsoft.SemanticKernel.FunctionCallContent>()],
        BufferedStream<StreamingChatMessageContent> stream => stream.Calls,
        _ => [],
    };

    /// <summary>A loop that was stopped in the middle of a batch leaves calls without a result, which providers refuse in the next request. A batch without any result is the caller's to run.</summary>
    private static void AnswerRest(ChatHistory sent, int start, ChatHistory history)
    {
        HashSet<string?> answered = [.. sent.Skip(start).SelectMany(message => message.Items).OfType<Microsoft.SemanticKernel.FunctionResultContent>().Select(result => result.CallId)];
        for (int i = start; i < sent.Count; i++)
        {
            Microsoft.SemanticKernel.FunctionCallContent[] calls = [.. sent[i].Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>()];
            if (!calls.Any(call => answered.Contains(call.Id)))
            {
                continue;
            }

            foreach (Microsoft.SemanticKernel.FunctionCallContent call in calls.Where(call => !answered.Contains(call.Id)))
            {
                history.Add(new Microsoft.SemanticKernel.FunctionResultContent(call, "Not run: the request was stopped.").ToChatMessage());
            }
        }
    }

    /// <summary>Adds the tokens of a call to the session's: as reported, or a third of the bytes of text, rounded up.</summary>
    private static void Report<TResult>(ChatHistory sent, TResult result)
    {
        if (GovernanceScope.Session is not { } session)
        {
            return;
        }

        long bytes = 0;
        foreach (ChatMessageContent message in sent)
        {
            bytes += Encoding.UTF8.GetByteCount(message.Content ?? string.Empty);
        }

        if (result is IReadOnlyList<ChatMessageContent> replies)
        {
            long? reported = null;
            foreach (ChatMessageContent reply in replies)
            {
                bytes += Encoding.UTF8.GetByteCount(reply.Content ?? string.Empty);
                reported ??= reply.Metadata is { } metadata && metadata.TryGetValue("Usage", out object? usage) ? (usage as UsageDetails)?.TotalTokenCount : null;
            }

            session.ReportTokens(reported is >= 0 ? reported.Value : (bytes + 2) / 3);
        }
        else if (result is BufferedStream<StreamingChatMessageContent> stream)
        {
            session.ReportTokens((bytes + Encoding.UTF8.GetByteCount(stream.Text) + 2) / 3);
        }
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
