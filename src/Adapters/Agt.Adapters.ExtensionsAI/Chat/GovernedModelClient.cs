using System.Text;
using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>The inner layer: every single call of the model, with all that goes into it and comes out of it, also the calls of functions it asks for.</summary>
internal sealed class GovernedModelClient(IChatClient inner, ChatGovernor governor) : GovernedLayer(inner, governor, InterventionPoint.PreModelCall, "chat")
{
    protected override GovernedValue Write(ValueArena arena, IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        ChatPayload.ModelCall(arena, messages, options, Governor.Freezer);

    protected override (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Rewrite(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, GovernedValue before, GovernedValue after) =>
        (ChatRewriter.Messages(messages, before, after, Governor.Freezer), ChatRewriter.Options(options, before, after));

    protected override Reply Complete(Reply reply, SessionLease lease, IReadOnlyList<ChatMessage> messages)
    {
        lease.Session.ReportTokens(Math.Max(0, Tokens(reply.Response, messages)));
        return reply;
    }

    /// <summary>The loop changes updates with calls in them; text and what belongs to it goes through it untouched.</summary>
    protected override IReadOnlyList<ChatResponseUpdate> Release(Reply reply)
    {
        if (ChatTurn.Current is { } turn && turn.Governor == Governor)
        {
            turn.Released = reply.Updates is not null && reply.Response.Messages.All(message => message.Contents.All(content => content is TextContent or TextReasoningContent)) ? reply : null;
        }

        return reply.ToUpdates();
    }

    protected override ReasonCode? Check(ChatOptions? options) => HostedToolGate.Check(options, Governor.Options.HostedTools);

    protected override ReasonCode? Check(ChatOptions? options, Decision decision) => HostedToolGate.Check(options, decision);

    protected override async ValueTask<Reply> SettleAsync(
        Reply reply, ChatOptions? options, SessionLease lease, GovernedAction? parent, CancellationToken cancellationToken)
    {
        if (ChatTurn.Current is not { Loop: { } loop } turn || turn.Governor != Governor ||
            !reply.Response.Messages.Any(message => message.Contents.Any(content => content is FunctionCallContent { InformationalOnly: false })))
        {
            return reply;
        }

        await RecordUnknownAsync(reply, [.. options?.Tools ?? [], .. loop.AdditionalTools ?? []], lease.Session, parent).ConfigureAwait(false);
        if (Governor.Options.ApprovalMode != ApprovalMode.Native)
        {
            return reply;
        }

        return await BatchPlanner.PlanAsync(reply, turn, options, lease.Session, parent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The loop answers calls of tools that nobody offered with an error; here they get their decision, and so their place in the log.</summary>
    private async ValueTask RecordUnknownAsync(Reply reply, List<AITool> tools, GovernanceSession session, GovernedAction? parent)
    {
        foreach (FunctionCallContent call in reply.Response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>())
        {
            if (!call.InformationalOnly && !tools.Exists(tool => tool.Name == call.Name))
            {
                await new Refusal(ReasonCodes.ToolNotAllowed).DecideAsync(Governor, call, session, parent).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What the provider reported, else a cautious guess: a token for every three bytes of text, sent and received.</summary>
    private static long Tokens(ChatResponse response, IReadOnlyList<ChatMessage> messages)
    {
        if (response.Usage is { } usage && (usage.TotalTokenCount ?? usage.InputTokenCount ?? usage.OutputTokenCount) is not null)
        {
            return usage.TotalTokenCount ?? ((usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0));
        }

        long bytes = Encoding.UTF8.GetByteCount(response.Text);
        foreach (ChatMessage message in messages)
        {
            bytes += Encoding.UTF8.GetByteCount(message.Text);
        }

        return (bytes + 2) / 3;
    }
}
