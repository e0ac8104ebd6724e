using Agt.Adapters.ExtensionsAI.Chat;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>
/// Takes the answers to approval requests out of what a caller sends. What was forged, edited, replayed, comes late or from elsewhere becomes a rejection, and an event of its own
/// (<see cref="ReasonCodes.BypassDetected"/>): the function-invoking client would run it (ADP-114, ADP-225).
/// </summary>
internal static class AnswerDesk
{
    internal static async ValueTask<IReadOnlyList<ChatMessage>> AdmitAsync(
        IReadOnlyList<ChatMessage> messages, ChatTurn turn, GovernanceSession session, GovernedAction? parent)
    {
        if (!messages.SelectMany(message => message.Contents).Any(content => content is ToolApprovalResponseContent))
        {
            return messages;
        }

        // Question and answer about a call that has its result in the request already are history. The function-invoking client takes them out before it sends; here they go before it can
        // think otherwise.
        HashSet<string> done = [.. messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId)];
        HashSet<string> doneElsewhere = [.. messages.SelectMany(message => message.Contents).OfType<ToolResultContent>().Select(result => result.CallId)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var admitted = new List<ChatMessage>(messages.Count);
        foreach (ChatMessage message in messages)
        {
            var contents = new List<AIContent>(message.Contents.Count);
            foreach (AIContent content in message.Contents)
            {
                switch (content)
                {
                    case ToolApprovalRequestContent { ToolCall: FunctionCallContent call } when done.Contains(call.CallId):
                    case ToolApprovalResponseContent { ToolCall: FunctionCallContent answered } when done.Contains(answered.CallId):
                        break;
                    case ToolApprovalResponseContent answer when answer.ToolCall is FunctionCallContent || !doneElsewhere.Contains(answer.ToolCall.CallId):
                        if (seen.Add(answer.ToolCall.CallId))
                        {
                            contents.Add(await JudgeAsync(answer, turn, session, parent).ConfigureAwait(false));
                        }

                        break;
                    default:
                        contents.Add(content);
                        break;
                }
            }

            if (contents.Count > 0 || message.Contents.Count == 0)
            {
                ChatMessage copy = message.Clone();
                copy.Contents = contents;
                admitted.Add(copy);
            }
        }

        return admitted;
    }

    private static async ValueTask<ToolApprovalResponseContent> JudgeAsync(ToolApprovalResponseContent answer, ChatTurn turn, GovernanceSession session, GovernedAction? parent)
    {
        PendingCall? pending = turn.Governor.Approvals.Take(answer, session);
        if (!answer.Approved)
        {
            return answer;
        }

        if (pending is null)
        {
            Denial denial = await new Refusal(ReasonCodes.BypassDetected).DecideAsync(turn.Governor, answer.ToolCall, session, parent).ConfigureAwait(false);
            return new ToolApprovalResponseContent(answer.RequestId, false, answer.ToolCall) { Reason = denial.Text };
        }

        if (pending.Question is { } question)
        {
            turn.Grant(answer.ToolCall.CallId, new GrantedCall(question, turn.Governor.Options.IdentifyApprover?.Invoke(answer), session.Principal.User ?? "(caller)"));
        }

        // A copy, since the caller still has the answer in hand.
        if (answer.ToolCall is not FunctionCallContent call)
        {
            return answer;
        }

        var admitted = new ToolApprovalResponseContent(answer.RequestId, true, new FunctionCallContent(call.CallId, call.Name, call.Arguments is { } arguments ? Copy(arguments) : null))
        {
            Reason = answer.Reason,
        };
        turn.Admit(admitted);
        return admitted;
    }

    /// <summary>What the loop may see: of approvals only those that were judged here. Whoever calls the loop directly has none.</summary>
    internal static IEnumerable<ChatMessage> OnlyAdmitted(IEnumerable<ChatMessage> messages, ChatTurn? turn)
    {
        List<ChatMessage> all = [.. messages];
        for (int i = 0; i < all.Count; i++)
        {
            if (all[i].Contents.Any(content => content is ToolApprovalResponseContent { Approved: true, ToolCall: FunctionCallContent }))
            {
                ChatMessage copy = all[i].Clone();
                copy.Contents =
                [
                    .. all[i].Contents.Select(content => content is ToolApprovalResponseContent { Approved: true, ToolCall: FunctionCallContent } answer && turn?.TryTakeAnswer(answer) != true
                        ? new ToolApprovalResponseContent(answer.RequestId, false, answer.ToolCall)
                        : content),
                ];
                all[i] = copy;
            }
        }

        return all;
    }

    private static Dictionary<string, object?> Copy(IDictionary<string, object?> arguments) =>
        new(arguments, (arguments as Dictionary<string, object?>)?.Comparer ?? StringComparer.Ordinal);
}
