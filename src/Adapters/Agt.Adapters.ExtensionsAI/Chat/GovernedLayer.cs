using Agt.Adapters.ExtensionsAI.Streaming;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>
/// One governed layer of the sandwich: freezes the request, has it decided on, passes on what was decided on, has the whole reply decided on, and only then lets it out.
/// Thread-safe if the client below is.
/// </summary>
internal abstract partial class GovernedLayer : DelegatingChatClient
{
    private readonly ActionTemplate _template;

    protected GovernedLayer(IChatClient inner, ChatGovernor governor, InterventionPoint point, string operation)
        : base(inner)
    {
        Governor = governor;
        _template = new ActionTemplate(point, operation, governor.Principal, null, ChatGovernor.Framework);
    }

    protected ChatGovernor Governor { get; }

    public sealed override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        (await RunAsync(messages, options, streaming: false, cancellationToken).ConfigureAwait(false)).Response;

    public sealed override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Governor.Options is { Streaming: not StreamingMode.Buffer, ApprovalMode: ApprovalMode.Inline }
            ? WindowAsync(messages, options, cancellationToken)
            : new ReleasedStream<(GovernedLayer Layer, IEnumerable<ChatMessage> Messages, ChatOptions? Options)>(
                (this, messages, options),
                static async (request, token) => request.Layer.Release(await request.Layer.RunAsync(request.Messages, request.Options, streaming: true, token).ConfigureAwait(false)),
                cancellationToken);

    public sealed override object? GetService(Type serviceType, object? serviceKey = null) => ServiceFilter.GetService(this, InnerClient, serviceType, serviceKey);

    /// <summary>Shows a request to policy.</summary>
    protected abstract GovernedValue Write(ValueArena arena, IReadOnlyList<ChatMessage> messages, ChatOptions? options);

    /// <summary>The request as a transform changed it.</summary>
    protected abstract (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Rewrite(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, GovernedValue before, GovernedValue after);

    /// <summary>What there is to do with a request on its way down.</summary>
    protected virtual ChatOptions? Prepare(ChatOptions? options) => options;

    /// <summary>What there is to do with messages before anybody sees them. Asked once a request.</summary>
    protected virtual ValueTask<IReadOnlyList<ChatMessage>> AdmitAsync(IReadOnlyList<ChatMessage> messages, SessionLease lease, GovernedAction? parent) => new(messages);

    /// <summary>Why a request is refused whatever policy says; null normally.</summary>
    protected virtual ReasonCode? Check(ChatOptions? options) => null;

    /// <summary>Why a request is refused although it was allowed; null normally.</summary>
    protected virtual ReasonCode? Check(ChatOptions? options, Decision decision) => null;

    /// <summary>Prepares what everything below has to find.</summary>
    protected virtual void Enter(SessionLease lease)
    {
    }

    /// <summary>What there is to do with a reply that was let out.</summary>
    protected virtual ValueTask<Reply> SettleAsync(Reply reply, ChatOptions? options, SessionLease lease, GovernedAction? parent, CancellationToken cancellationToken) => new(reply);

    /// <summary>Whether a part that is no text may go out before the reply is whole, once nothing blocked was found in it.</summary>
    protected virtual bool MayPass(AIContent content) => content is UsageContent;

    /// <summary>What there is to do with an update before anybody sees it.</summary>
    protected virtual void Receive(ChatResponseUpdate update, SessionLease lease)
    {
    }

    /// <summary>What there is to do with a reply before it is decided on.</summary>
    protected virtual Reply Complete(Reply reply, SessionLease lease, IReadOnlyList<ChatMessage> messages) => reply;

    /// <summary>The updates of a reply that goes out as a stream.</summary>
    protected virtual IReadOnlyList<ChatResponseUpdate> Release(Reply reply) => reply.ToUpdates();

    /// <summary>The turn whose replies come in from the layer below, through nothing but the loop; null if this layer has none below it.</summary>
    protected virtual ChatTurn? Below => null;

    private static List<ChatMessage> Snapshot(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var snapshot = new List<ChatMessage>();
        foreach (ChatMessage message in messages)
        {
            ChatMessage copy = message.Clone();
            copy.Contents = [.. message.Contents.Select(PartRewriter.WithoutRaw)];
            copy.RawRepresentation = null;
            snapshot.Add(copy);
        }

        return snapshot;
    }

    private async ValueTask<Reply> RunAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, bool streaming, CancellationToken cancellationToken)
    {
        var request = new Request(this, Snapshot(messages), Prepare(options?.Clone()), streaming, default);
        GovernedAction? parent = GovernanceScope.Action;
        try
        {
            SessionLease lease = await Governor.Governance.AcquireSessionAsync(Governor.Principal, cancellationToken).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                Enter(lease);
                request = request with { Lease = lease, Messages = await AdmitAsync(request.Messages, lease, parent).ConfigureAwait(false) };
                GovernedAction action = Freeze(request, lease.Session, parent);
                using GovernanceScope.Scope scope = GovernanceScope.Enter(lease.Session);
                (Reply reply, bool allowed) = await DecideAsync(action, request, cancellationToken).ConfigureAwait(false);
                return allowed ? await SettleAsync(reply, action, request, parent, cancellationToken).ConfigureAwait(false) : reply;
            }
        }
        catch (GovernanceDeniedException denied) when (!Governor.Options.ThrowOnDeny)
        {
            return Reply.Denied(Denial.Of(denied));
        }
    }

    private async ValueTask<(Reply Reply, bool Allowed)> DecideAsync(GovernedAction action, Request request, CancellationToken cancellationToken)
    {
        Denial denial;
        try
        {
            GovernedResult<Reply> result = await Governor.Governance.InvokeAsync(
                action, request, static (state, operation, token) => state.Layer.SendAsync(state, operation, token), Governor.Codec, cancellationToken).ConfigureAwait(false);
            if (result.IsAllowed)
            {
                return (result.Value!, true);
            }

            denial = Denial.Of(in result);
        }
        catch (Refusal refusal)
        {
            denial = await refusal.DecideAsync(Governor.Governance, action).ConfigureAwait(false);
        }

        return (Deny(denial), false);
    }

    private async ValueTask<Reply> SettleAsync(Reply reply, GovernedAction action, Request request, GovernedAction? parent, CancellationToken cancellationToken)
    {
        try
        {
            return await SettleAsync(reply, request.Options, request.Lease, parent, cancellationToken).ConfigureAwait(false);
        }
        catch (PayloadException exception)
        {
            return Deny(await new Refusal(exception.Reason, exception).DecideAsync(Governor.Governance, action).ConfigureAwait(false));
        }
        catch (Refusal refusal)
        {
            return Deny(await refusal.DecideAsync(Governor.Governance, action).ConfigureAwait(false));
        }
    }

    private Reply Deny(Denial denial) => Governor.Options.ThrowOnDeny ? throw denial.ToException() : Reply.Denied(denial);

    private GovernedAction Freeze(Request request, GovernanceSession session, GovernedAction? parent)
    {
        ValueArena arena = Governor.Governance.RentArena();
        GovernedValue payload = default;
        ReasonCode? refusal = null;
        try
        {
            payload = Write(arena, request.Messages, request.Options);
            refusal = Check(request.Options);
        }
        catch (Exception exception)
        {
            refusal = (exception as PayloadException)?.Reason ?? ReasonCodes.PayloadUnsupported;
        }

        return new GovernedAction(_template, session, payload, arena, callId: null, parent, refusal);
    }

    /// <summary>The effect.</summary>
    private async ValueTask<Reply> SendAsync(Request request, GovernedOperation operation, CancellationToken cancellationToken)
    {
        (IReadOnlyList<ChatMessage> messages, ChatOptions? options) = Bind(request, operation);
        if (Check(options, operation.Decision) is { } unspoken)
        {
            throw new Refusal(unspoken);
        }

        Reply reply = request.Streaming
            ? await StreamCollector.CollectAsync(InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken), Governor.Options, Below, cancellationToken).ConfigureAwait(false)
            : new Reply(await InnerClient.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false), null);
        reply = Complete(reply, request.Lease, messages);
        foreach (AIContent content in reply.Response.Messages.SelectMany(message => message.Contents))
        {
            RefuseUnknown(content);
        }

        return reply;
    }

    private static void RefuseUnknown(AIContent content)
    {
        // An answer to an approval request comes from a person, never from a model.
        ReasonCode? refusal = content is ToolApprovalResponseContent ? ReasonCodes.BypassDetected : PartWriter.IsKnown(content) ? null : ReasonCodes.RequestInvalid;
        if (refusal is not null)
        {
            throw new Refusal(refusal);
        }
    }

    /// <summary>What was decided on, or nothing: parts are objects of the caller's, who may have changed them while it was decided.</summary>
    private (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Bind(Request request, GovernedOperation operation)
    {
        GovernedValue frozen = operation.Action.Payload;
        ValueArena arena = Governor.Governance.RentArena();
        try
        {
            if (!PartRewriter.Same(frozen, Write(arena, request.Messages, request.Options)))
            {
                throw new Refusal(ReasonCodes.ApprovalActionMismatch);
            }

            return operation.IsPayloadChanged
                ? Rewrite(request.Messages, request.Options, frozen, operation.Payload)
                : (request.Messages, request.Options);
        }
        catch (PayloadException exception)
        {
            throw new Refusal(exception.Reason, exception);
        }
        finally
        {
            arena.Release();
        }
    }

    private sealed record Request(GovernedLayer Layer, IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, bool Streaming, SessionLease Lease);
}
