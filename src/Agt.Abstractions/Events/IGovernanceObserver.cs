namespace Agt.Events;

/// <summary>Is told what happens. Observers run in order, on the deciding thread; one that throws is logged and changes nothing.</summary>
public interface IGovernanceObserver
{
    /// <summary>Takes an event. Return quickly; keep neither the event's action nor its payload.</summary>
    void OnEvent(in GovernanceEvent governanceEvent);
}
