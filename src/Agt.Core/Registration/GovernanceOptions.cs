using System.ComponentModel.DataAnnotations;
using Agt.Values;

namespace Agt;

/// <summary>How the chain behaves. Validated when the host starts.</summary>
public sealed class GovernanceOptions
{
    /// <summary>Whether every action needs a policy; without one it is denied. Default true. Set false only to run other modules alone.</summary>
    public bool RequirePolicy { get; set; } = true;

    /// <summary>Whether decisions hold. Default <see cref="GovernanceMode.Enforce"/>.</summary>
    public GovernanceMode Mode { get; set; }

    /// <summary>How long all interceptors together may take for one phase, 1 ms to 10 minutes. Default 5 seconds. Later is a deny.</summary>
    public TimeSpan EvaluationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a person may take to approve, 1 second to 24 hours. Default 300 seconds. Later is a deny.</summary>
    public TimeSpan ApprovalTimeout { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// How many approvals one agent may ask for within 60 seconds, 1 to 100,000; null for any number. Default 20. More are refused without asking, in the name of
    /// <c>system:fatigue_detector</c>: a person who is asked all the time no longer looks.
    /// </summary>
    [Range(1, 100_000)]
    public int? MaxApprovalsPerMinute { get; set; } = 20;

    /// <summary>How deeply actions may be nested, 1 to 256. Default 16.</summary>
    [Range(1, 256)]
    public int MaxNesting { get; set; } = 16;

    /// <summary>
    /// Whether what happens inside an effect knows the action it happens in (<see cref="GovernedAction.Parent"/>). Default true; costs about 70 bytes a call.
    /// </summary>
    public bool TrackNesting { get; set; } = true;

    /// <summary>
    /// Bounds for every session, tightened by those of the policy. Null (default): none beside the policy's, and <see cref="SessionLimits.Default"/> where the host has no policy.
    /// </summary>
    public SessionLimits? SessionLimits { get; set; }

    /// <summary>
    /// How long a session may be unused before it ends by itself, 1 second to 30 days. Default 30 minutes. One with an operation that is running, or that waits for a person, is in use.
    /// </summary>
    public TimeSpan SessionIdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many sessions may be open at once, 1 to 10,000,000. Default 10,000. One more ends the one that was unused for longest; if all are in use, the agent may not start.</summary>
    [Range(1, 10_000_000)]
    public int MaxSessions { get; set; } = 10_000;

    /// <summary>How many actions may wait at once for agents that are stopped, 1 to 1,000,000. Default 10,000. One more is denied.</summary>
    [Range(1, 1_000_000)]
    public int MaxStoppedActions { get; set; } = 10_000;

    /// <summary>Bounds for every payload.</summary>
    public PayloadLimits PayloadLimits { get; set; } = PayloadLimits.Default;

    /// <summary>
    /// Names of interceptors whose failure is a recorded warning instead of a deny. Never for the stages containment, identity and policy: those are refused here at start.
    /// </summary>
    public ISet<string> FailOpenInterceptors { get; } = new HashSet<string>(StringComparer.Ordinal);
}
