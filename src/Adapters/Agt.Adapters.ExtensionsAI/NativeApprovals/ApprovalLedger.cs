using System.Security.Cryptography;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Approvals;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>
/// The approvals that are really open. The function-invoking client runs whatever approved call it is shown, also one that nobody asked about or that was edited on the way; here an
/// answer counts once, in time, for the principal and session that asked, and only for the very call that was asked about (ADP-113, ADP-114). The id of a request about a function is its
/// ticket: sealed, so that it can be neither guessed nor made. Thread-safe; the oldest of 1,024 open requests is forgotten.
/// </summary>
internal sealed class ApprovalLedger(ObjectFreezer freezer, TimeProvider clock)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private const int Most = 1_024;
    private readonly Lock _lock = new();
    private readonly ApprovalTicketSealer _sealer = new();
    private readonly Dictionary<string, PendingCall> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Opens a request about a call of a function.</summary>
    /// <returns>Its ticket.</returns>
    /// <exception cref="PayloadException">The call cannot be frozen.</exception>
    internal string Open(FunctionCallContent call, in SessionLease lease, Question? question)
    {
        Digest digest = DigestOf(call);
        DateTimeOffset expiresAt = clock.GetUtcNow() + Lifetime;
        string id = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        string ticket = _sealer.Seal(id, digest, lease.Session.Id, expiresAt, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        Add(ticket, new PendingCall(digest, lease.Session.Principal, lease.IsOwned ? null : lease.Session.Id, expiresAt, question));
        return ticket;
    }

    /// <summary>The requests of a reply with a ticket each. A request about a tool that the provider runs keeps the provider's id.</summary>
    internal IList<AIContent> Seal(IList<AIContent> contents, in SessionLease lease)
    {
        List<AIContent>? result = null;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not ToolApprovalRequestContent request || IsOpen(request.RequestId))
            {
                continue;
            }

            if (request.ToolCall is FunctionCallContent call)
            {
                result ??= [.. contents];
                result[i] = new ToolApprovalRequestContent(Open(call, lease, null), call)
                {
                    AdditionalProperties = request.AdditionalProperties,
                };
            }
            else
            {
                Add(request.RequestId, new PendingCall(
                    DigestOf(request.ToolCall), lease.Session.Principal, lease.IsOwned ? null : lease.Session.Id, clock.GetUtcNow() + Lifetime, null));
            }
        }

        return result ?? contents;
    }

    /// <summary>Takes an answer. A refusal closes its request whatever else it says; an approval closes it if it fits, so that an edited one does not stand in the way of the real one.</summary>
    /// <returns>What was asked; null if the answer does not count.</returns>
    internal PendingCall? Take(ToolApprovalResponseContent answer, GovernanceSession session)
    {
        if (answer.ToolCall is FunctionCallContent && !_sealer.IsGenuine(answer.RequestId))
        {
            return null;
        }

        Digest? call = TryDigestOf(answer.ToolCall);
        lock (_lock)
        {
            // Whoever is not the one that was asked closes nothing.
            if (!_open.TryGetValue(answer.RequestId, out PendingCall? pending) || pending.Principal != session.Principal ||
                (pending.Session is { } asked && asked != session.Id) || (answer.Approved && pending.Call != call))
            {
                return null;
            }

            _open.Remove(answer.RequestId);
            return clock.GetUtcNow() < pending.ExpiresAt && pending.Call == call ? pending : null;
        }
    }

    private bool IsOpen(string id)
    {
        lock (_lock)
        {
            return _open.ContainsKey(id);
        }
    }

    private void Add(string id, PendingCall pending)
    {
        lock (_lock)
        {
            _open[id] = pending;
            _order.Enqueue(id);
            while (_order.Count > Most)
            {
                // Answered entries stay in the order until they come to its front, so it is bounded on its own.
                _open.Remove(_order.Dequeue());
            }
        }
    }

    private Digest? TryDigestOf(ToolCallContent call)
    {
        try
        {
            return DigestOf(call);
        }
        catch (PayloadException)
        {
            // It was not asked about, for then it would have been frozen.
            return null;
        }
    }

    private Digest DigestOf(ToolCallContent call)
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        PartWriter.WritePart(arena, call, freezer);
        return CanonicalJson.DigestOf(arena.End());
    }
}
