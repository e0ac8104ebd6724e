namespace Agt.Events;

/// <summary>Takes events out of the process. Each sink has a queue and a loop of its own: one that is slow or broken holds up neither the decisions nor another sink.</summary>
/// <remarks>Called by one thread at a time.</remarks>
public interface IEventSink
{
    /// <summary>Its name, unique; the name of its journal comes from it.</summary>
    string Name { get; }

    /// <summary>Takes a batch, oldest first. An event may come twice after a failure; <see cref="EventEnvelope.EventId"/> tells.</summary>
    /// <param name="batch">At most as many as the options say.</param>
    /// <param name="cancellationToken">Cancelled when the time for the export is over.</param>
    /// <returns>What became of it. What throws counts as <see cref="EventExport.Failed"/>.</returns>
    ValueTask<EventExport> ExportAsync(IReadOnlyList<EventEnvelope> batch, CancellationToken cancellationToken);
}
