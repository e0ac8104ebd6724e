using System.Collections.Concurrent;
using Agt.Events;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>Remembers which events were raised, in order.</summary>
internal sealed class EventLog : IGovernanceObserver
{
    private readonly ConcurrentQueue<string> _kinds = new();

    internal IReadOnlyCollection<string> Kinds => [.. _kinds];

    public void OnEvent(in GovernanceEvent governanceEvent) => _kinds.Enqueue(governanceEvent.Kind switch
    {
        GovernanceEventKind.PolicyCheck => "policy_check",
        GovernanceEventKind.OperationCompleted => "operation_completed",
        GovernanceEventKind.BypassDetected => "bypass_detected",
        GovernanceEventKind.ApprovalRequested => "approval_requested",
        GovernanceEventKind.ApprovalResolved => "approval_resolved",
        _ => "denied",
    });
}
