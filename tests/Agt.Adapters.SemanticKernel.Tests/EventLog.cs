using System.Collections.Concurrent;
using Agt.Events;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>Remembers which kinds of events were raised, in order.</summary>
internal sealed class EventLog : IGovernanceObserver
{
    private readonly ConcurrentQueue<GovernanceEventKind> _kinds = new();

    internal IReadOnlyCollection<GovernanceEventKind> Kinds => [.. _kinds];

    public void OnEvent(in GovernanceEvent governanceEvent) => _kinds.Enqueue(governanceEvent.Kind);
}
