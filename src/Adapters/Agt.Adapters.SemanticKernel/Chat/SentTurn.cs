using System.Text;
using Agt.Adapters.SemanticKernel.Streaming;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>One request as it was sent, and what its rounds leave behind. Not thread-safe.</summary>
internal sealed class SentTurn(SemanticKernelGovernor governor, GovernanceSession session, ChatHistory history, ChatHistory sent, Kernel? kernel)
{
    private readonly int _count = sent.Count;
    private readonly ModelTurn _turn = new();

    /// <summary>What the service was given; connectors leave the tool calls of a turn, and their results, in it.</summary>
    internal ChatHistory Sent => sent;

    /// <summary>Makes the turn the current one for all that the calling method calls from now on.</summary>
    internal void Enter() => governor.Turn = _turn;

    /// <summary>Records the calls that came to no filter.</summary>
    /// <param name="result">The reply, or nothing if there is none.</param>
    internal ValueTask AuditAsync(object? result) => CallAudit.RecordAsync(governor, session, _turn, kernel, [.. sent.Skip(_count)], result switch
    {
        IReadOnlyList<ChatMessageContent> replies => [.. replies.SelectMany(reply => reply.Items).OfType<Microsoft.SemanticKernel.FunctionCallContent>()],
        BufferedStream<StreamingChatMessageContent> stream => stream.Calls,
        _ => [],
    });

    /// <summary>Hands the messages of the turn to the caller, and counts its tokens.</summary>
    internal void Settle(object? result)
    {
        for (int i = _count; i < sent.Count; i++)
        {
            history.Add(sent[i]);
        }

        AnswerRest();
        Report(result);
    }

    /// <summary>A loop that was stopped in the middle of a batch leaves calls without a result, which providers refuse in the next request. A batch without any result is the caller's to run.</summary>
    private void AnswerRest()
    {
        HashSet<string?> answered = [.. sent.Skip(_count).SelectMany(message => message.Items).OfType<Microsoft.SemanticKernel.FunctionResultContent>().Select(result => result.CallId)];
        for (int i = _count; i < sent.Count; i++)
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
    private void Report(object? result)
    {
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
        else if (result is IBufferedStream stream)
        {
            session.ReportTokens((bytes + Encoding.UTF8.GetByteCount(stream.Text) + 2) / 3);
        }
    }
}
