namespace Agt.Policy.Limits;

/// <summary>Keeps checkpoints (spec 08, ADP-093). Implementations are thread-safe and bounded.</summary>
public interface ICheckpointStore
{
    /// <summary>Keeps a checkpoint. What this throws is logged and changes nothing for the call.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="cancellationToken">Cancelled when the time for deciding is over.</param>
    ValueTask SaveAsync(Checkpoint checkpoint, CancellationToken cancellationToken = default);

    /// <summary>The checkpoints of a session that are still kept, oldest first.</summary>
    /// <param name="agent">The agent of the session: an id may be used by sessions of several agents.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    ValueTask<IReadOnlyList<Checkpoint>> ListAsync(AgentId agent, SessionId session, CancellationToken cancellationToken = default);
}
