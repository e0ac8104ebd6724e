using Agt.Values;

namespace Agt.Approvals;

/// <summary>What a person is asked to approve.</summary>
public sealed class ApprovalRequest
{
    internal ApprovalRequest(
        string id, string ticket, Digest actionDigest, Digest policySetDigest, DateTimeOffset expiresAt, OperationContext context, IReadOnlyList<Contribution> escalations, GovernedValue payload)
    {
        Id = id;
        Ticket = ticket;
        ActionDigest = actionDigest;
        PolicySetDigest = policySetDigest;
        ExpiresAt = expiresAt;
        Principal = context.Template.Principal;
        Session = context.Session.Id;
        Operation = context.Template.Operation;
        Tool = context.Template.Tool;
        Escalations = escalations;
        Payload = payload;
        IsAboutResult = context.Point != context.Template.Point;
    }

    /// <summary>Names the request.</summary>
    public string Id { get; }

    /// <summary>Sealed proof that this process asked; return it in <see cref="ApprovalResponse.Ticket"/>.</summary>
    public string Ticket { get; }

    /// <summary>The digest of the action as it will run (ADP 5.1).</summary>
    public Digest ActionDigest { get; }

    /// <summary>The digest of the policy set that asks.</summary>
    public Digest PolicySetDigest { get; }

    /// <summary>When the request ends (UTC).</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>On whose behalf the action happens.</summary>
    public Principal Principal { get; }

    /// <summary>The session.</summary>
    public SessionId Session { get; }

    /// <summary>What the action is.</summary>
    public string Operation { get; }

    /// <summary>The tool, if it is a tool call.</summary>
    public ToolIdentity? Tool { get; }

    /// <summary>The arguments as they will run, after redaction. A copy of its own.</summary>
    public GovernedValue Payload { get; }

    /// <summary>Whether the action has run already, and its result is what has to be approved. <see cref="Payload"/> is the result then.</summary>
    public bool IsAboutResult { get; }

    /// <summary>Who asks and why: the verdicts that escalated.</summary>
    public IReadOnlyList<Contribution> Escalations { get; }

    /// <summary>Approves.</summary>
    /// <param name="approver">Who says so, as the host's identity system names them; never the agent itself.</param>
    /// <param name="comment">Why, for the record.</param>
    public ApprovalResponse Approve(string approver, string? comment = null) => new(true, Ticket, approver, comment);

    /// <summary>Refuses.</summary>
    /// <param name="approver">Who says so.</param>
    /// <param name="comment">Why, for the record.</param>
    public ApprovalResponse Reject(string approver, string? comment = null) => new(false, Ticket, approver, comment);
}
