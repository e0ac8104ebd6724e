using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>The outer layer: one session, one input and one output a request, however many rounds there are below.</summary>
internal sealed class GovernedChatClient : GovernedLayer
{
    private const string NotRun = "Not run: the request was stopped.";
    private readonly IChatClient _wrapped;
    private readonly FunctionInvokingChatClient? _foreign;

    internal GovernedChatClient(IChatClient inner, ChatGovernor governor, IChatClient wrapped, FunctionInvokingChatClient? foreign)
        : base(inner, governor, InterventionPoint.Input, "chat_turn")
    {
        _wrapped = wrapped;
        _foreign = foreign;
    }

    /// <summary>What was governed.</summary>
    internal IChatClient Unwrap(UnwrapKey key)
    {
        key.Open(Governor.Governance);
        return _wrapped;
    }

    protected override ChatTurn? Below => ChatTurn.Current;

    protected override ChatOptions? Prepare(ChatOptions? options)
    {
        if (_foreign is not null)
        {
            Governor.Tools.GovernAdditionalTools(_foreign);
        }

        return Governor.Tools.Govern(options);
    }

    protected override void Enter(SessionLease lease) => new ChatTurn(Governor, InnerClient as FunctionInvokingChatClient ?? _foreign, lease).Enter();

    protected override ValueTask<IReadOnlyList<ChatMessage>> AdmitAsync(IReadOnlyList<ChatMessage> messages, SessionLease lease, GovernedAction? parent) =>
        AnswerDesk.AdmitAsync(messages, ChatTurn.Current!, lease.Session, parent);

    protected override GovernedValue Write(ValueArena arena, IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        ChatPayload.Input(arena, messages, Governor.Freezer);

    protected override (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Rewrite(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, GovernedValue before, GovernedValue after) =>
        (ChatRewriter.Input(messages, before, after, Governor.Freezer), options);

    /// <summary>A loop that was stopped in the middle of a batch leaves calls without a result, which providers refuse in the next request.</summary>
    protected override Reply Complete(Reply reply, SessionLease lease, IReadOnlyList<ChatMessage> messages)
    {
        reply = Seal(reply, lease);
        List<FunctionCallContent> open = Unanswered(reply.Response.Messages);
        if (open.Count == 0)
        {
            return reply;
        }

        var results = new List<AIContent>(open.Count);
        foreach (FunctionCallContent call in open)
        {
            call.InformationalOnly = true;
            results.Add(new FunctionResultContent(call.CallId, NotRun));
        }

        reply.Response.Messages = [.. reply.Response.Messages, new ChatMessage(ChatRole.Tool, results)];
        return reply.Updates is null ? reply : reply with { Updates = [.. reply.Updates, new ChatResponseUpdate(ChatRole.Tool, results)] };
    }

    /// <summary>The layer below has decided on calls and their results before they come here.</summary>
    protected override bool MayPass(AIContent content) => content is UsageContent or FunctionCallContent or FunctionResultContent;

    protected override void Receive(ChatResponseUpdate update, SessionLease lease) => update.Contents = Governor.Approvals.Seal(update.Contents, lease);

    private Reply Seal(Reply reply, SessionLease lease)
    {
        bool changed = false;
        foreach (ChatMessage message in reply.Response.Messages)
        {
            IList<AIContent> contents = Governor.Approvals.Seal(message.Contents, lease);
            changed |= !ReferenceEquals(contents, message.Contents);
            message.Contents = contents;
        }

        return changed ? reply with { Updates = null } : reply;
    }

    /// <summary>Calls without a result in a batch of which some have one. A batch without any is the caller's to run.</summary>
    private static List<FunctionCallContent> Unanswered(IList<ChatMessage> messages)
    {
        var open = new List<FunctionCallContent>();
        bool answered = false;
        HashSet<string> results = [.. messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.CallId)];
        for (int i = messages.Count - 1; i >= 0 && results.Count > 0; i--)
        {
            foreach (AIContent content in messages[i].Contents)
            {
                answered |= content is FunctionResultContent;
                if (answered && content is FunctionCallContent call && !results.Contains(call.CallId))
                {
                    open.Add(call);
                }
            }
        }

        return open;
    }
}
