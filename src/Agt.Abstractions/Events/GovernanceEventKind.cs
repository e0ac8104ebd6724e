namespace Agt.Events;

/// <summary>What happened.</summary>
public enum GovernanceEventKind
{
    /// <summary>An action is about to be decided on (<c>policy_check</c>).</summary>
    PolicyCheck,

    /// <summary>An action was denied (<c>policy_violation</c>).</summary>
    PolicyViolation,

    /// <summary>A tool call was denied by a rule or a pattern (<c>tool_call_blocked</c>).</summary>
    ToolCallBlocked,

    /// <summary>A person is asked (<c>approval_requested</c>).</summary>
    ApprovalRequested,

    /// <summary>A person has answered, or nobody did (<c>approval_resolved</c>).</summary>
    ApprovalResolved,

    /// <summary>An operation has ended (<c>operation_completed</c>).</summary>
    OperationCompleted,

    /// <summary>Something reached an effect, or tried to, on a way around its hook (<c>bypass_detected</c>).</summary>
    BypassDetected,

    /// <summary>So many calls of a session have run (<c>checkpoint_created</c>).</summary>
    CheckpointCreated,

    /// <summary>A result has drifted from the first one of its operation (<c>drift_detected</c>).</summary>
    DriftDetected,
}
