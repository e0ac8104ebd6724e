using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>
/// The approvals of the framework's own that are really open. The function-invoking client runs whatever approved call it is shown, also one that nobody asked about or that was edited
/// on the way; here an answer counts once, and only for the very call that was asked about (ADP-114). Thread-safe; the oldest of 1,024 open requests is forgotten.
/// </summary>
internal sealed class ApprovalLedger(ObjectFreezer freezer)
{
    private const int Most = 1_024;
    private readonly Lock _lock = new();
    private readonly HashSet<(string Id, Digest Call)> _open = [];
    private readonly Queue<(string Id, Digest Call)> _order = new();

    /// <summary>Remembers what a reply asks.</summary>
    internal void Remember(IEnumerable<ChatMessage> reply)
    {
        foreach (ToolApprovalRequestContent request in reply.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>())
        {
            (string, Digest) entry = (request.RequestId, DigestOf(request.ToolCall));
            lock (_lock)
            {
                if (_open.Add(entry))
                {
                    _order.Enqueue(entry);
                    Trim();
                }
            }
        }
    }

    /// <summary>Takes the answers in a request. One whose call has its result in the request already is history, and does nothing any more.</summary>
    /// <returns>Whether each approval answers an open request, with the call as it was asked about.</returns>
    /// <exception cref="PayloadException">A call cannot be frozen.</exception>
    internal bool TryTake(IReadOnlyList<ChatMessage> messages)
    {
        ToolApprovalResponseContent[] approvals =
            [.. messages.SelectMany(message => message.Contents).OfType<ToolApprovalResponseContent>().Where(response => response.Approved)];
        if (approvals.Length == 0)
        {
            return true;
        }

        HashSet<string> done = [.. messages.SelectMany(message => message.Contents).OfType<ToolResultContent>().Select(result => result.CallId)];
        foreach (ToolApprovalResponseContent approval in approvals.Where(approval => !done.Contains(approval.ToolCall.CallId)))
        {
            Digest call = DigestOf(approval.ToolCall);
            lock (_lock)
            {
                if (!_open.Remove((approval.RequestId, call)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private Digest DigestOf(ToolCallContent call)
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        PartWriter.WritePart(arena, call, freezer);
        return CanonicalJson.DigestOf(arena.End());
    }

    /// <summary>Answered entries stay in the order until they come to its front, so it is bounded on its own.</summary>
    private void Trim()
    {
        while (_order.Count > Most)
        {
            _open.Remove(_order.Dequeue());
        }
    }
}
