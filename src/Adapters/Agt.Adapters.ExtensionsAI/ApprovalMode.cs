namespace Agt.Adapters.ExtensionsAI;

/// <summary>How a person is asked about a tool call (spec 08, ADP-110).</summary>
public enum ApprovalMode
{
    /// <summary>The host's <see cref="Approvals.IApprovalBroker"/> is asked while the request waits. The default.</summary>
    Inline,

    /// <summary>
    /// The reply ends with a <see cref="Microsoft.Extensions.AI.ToolApprovalRequestContent"/> for every call of the batch, and the caller's next request carries the answers
    /// (<see cref="Microsoft.Extensions.AI.ToolApprovalRequestContent.CreateResponse"/>). Each call is decided on again when it is resumed. What a person has to approve at any other point
    /// still goes to the broker.
    /// </summary>
    Native,
}
