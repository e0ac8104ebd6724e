using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Functions;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>
/// Decides on all calls of a reply before any of them runs, and turns the whole batch into requests for approval if one of them needs a person's word: the function-invoking client would
/// run the others and call the model again (ADP-116, ADP-225). Calls that are denied here have their result at once (ADP-228).
/// </summary>
internal static class BatchPlanner
{
    private const string NotRun = "Not run: the request was stopped.";

    /// <summary>The reply as the loop may see it.</summary>
    /// <exception cref="Refusal">Two calls have one id, so that an answer could be for either.</exception>
    internal static async ValueTask<Reply> PlanAsync(
        Reply reply, ChatTurn turn, ChatOptions? options, GovernanceSession session, GovernedAction? parent, CancellationToken cancellationToken)
    {
        FunctionCallContent[] calls =
            [.. reply.Response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Where(call => !call.InformationalOnly)];
        if (calls.Length == 0)
        {
            return reply;
        }

        var rehearsals = new Dictionary<string, Rehearsal>(StringComparer.Ordinal);
        foreach (FunctionCallContent call in calls)
        {
            Rehearsal rehearsal = Find(call.Name, options, turn) is { } function
                ? await function.RehearseAsync(call, session, parent, cancellationToken).ConfigureAwait(false)
                : Rehearsal.Allowed;
            if (!rehearsals.TryAdd(call.CallId, rehearsal))
            {
                throw new Refusal(ReasonCodes.RequestInvalid);
            }
        }

        if (rehearsals.Values.All(rehearsal => rehearsal.IsAllowed))
        {
            return reply;
        }

        bool asks = rehearsals.Values.Any(rehearsal => rehearsal.Question is not null);
        bool stops = Stops(calls, rehearsals, turn);
        if (!asks && !stops && rehearsals.Values.All(rehearsal => rehearsal.Denial is not null))
        {
            // Nothing is left to run, and a reply without a call to answer would end the loop: the loop itself hands the denials over, and the model goes on.
            foreach ((string id, Rehearsal rehearsal) in rehearsals)
            {
                turn.Deny(id, rehearsal.Denial!.Value);
            }

            return reply;
        }

        return Convert(reply, turn, rehearsals, asks, stops);
    }

    private static bool Stops(FunctionCallContent[] calls, Dictionary<string, Rehearsal> rehearsals, ChatTurn turn)
    {
        bool stops = false;
        foreach (FunctionCallContent call in calls.Where(call => rehearsals[call.CallId].Denial is not null))
        {
            stops |= turn.Governor.Options.TerminateOnDeny;
            if (rehearsals.Values.Any(rehearsal => rehearsal.Denial is null))
            {
                // Otherwise the loop hands the denials over, and they are counted there.
                stops |= turn.IsOnceTooOften(call.Name, call.Arguments);
            }
        }

        return stops;
    }

    private static Reply Convert(Reply reply, ChatTurn turn, Dictionary<string, Rehearsal> rehearsals, bool asks, bool stops)
    {
        var results = new List<AIContent>();
        var messages = new List<ChatMessage>();
        foreach (ChatMessage message in reply.Response.Messages)
        {
            ChatMessage copy = message.Clone();
            copy.Contents = [.. message.Contents.Select(Converted)];
            messages.Add(copy);
        }

        if (results.Count > 0)
        {
            messages.Add(new ChatMessage(ChatRole.Tool, results));
        }

        reply.Response.Messages = messages;
        return new Reply(reply.Response, null);

        AIContent Converted(AIContent content)
        {
            if (content is not FunctionCallContent { InformationalOnly: false } call)
            {
                return content;
            }

            Rehearsal rehearsal = rehearsals[call.CallId];
            if (rehearsal.Denial is { } denial)
            {
                return Answered(call, denial.Text);
            }

            return stops ? Answered(call, NotRun)
                : !asks ? call
                : new ToolApprovalRequestContent(turn.Governor.Approvals.Open(call, turn.Lease, rehearsal.Question), call);
        }

        FunctionCallContent Answered(FunctionCallContent call, string text)
        {
            call.InformationalOnly = true;
            results.Add(new FunctionResultContent(call.CallId, text));
            return call;
        }
    }

    private static GovernedAIFunction? Find(string name, ChatOptions? options, ChatTurn turn) =>
        Find(name, options?.Tools, turn) ?? Find(name, turn.Loop?.AdditionalTools, turn);

    private static GovernedAIFunction? Find(string name, IList<AITool>? tools, ChatTurn turn) =>
        tools?.OfType<AIFunction>().FirstOrDefault(tool => tool.Name == name) is { } function
            ? turn.Governor.Tools.Govern(function) as GovernedAIFunction
            : null;
}
