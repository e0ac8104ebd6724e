namespace Agt.Events;

/// <summary>Hands batches to a delegate.</summary>
internal sealed class DelegateEventSink(string name, Func<IReadOnlyList<EventEnvelope>, CancellationToken, ValueTask> export) : IEventSink
{
    public string Name => name;

    public async ValueTask<EventExport> ExportAsync(IReadOnlyList<EventEnvelope> batch, CancellationToken cancellationToken)
    {
        await export(batch, cancellationToken).ConfigureAwait(false);
        return EventExport.Exported;
    }
}
