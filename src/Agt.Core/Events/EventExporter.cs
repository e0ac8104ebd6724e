using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Events;

/// <summary>
/// Hands every event to every sink, each behind a queue and a loop of its own (spec 01, POL-304, POL-305). Added by <c>AddEventSink</c>. Thread-safe; dispose it, or the container it is
/// in, to export what waits.
/// </summary>
public sealed class EventExporter : IGovernanceObserver, IAsyncDisposable, IDisposable
{
    private readonly SinkPump[] _pumps;
    private readonly EventExportOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Starts the loops.</summary>
    /// <param name="sinks">Where events go.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where failures are logged; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range, or two sinks have one name.</exception>
    public EventExporter(IEnumerable<IEventSink> sinks, EventExportOptions options, TimeProvider time, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(sinks);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        IEventSink[] all = [.. sinks];
        if (all.GroupBy(sink => sink.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw new ArgumentException($"Two event sinks have the name '{repeated.Key}'.", nameof(sinks));
        }

        ILogger logger = new GuardedLogger(loggers?.CreateLogger("Agt.Events") ?? NullLogger.Instance);
        _pumps = Array.ConvertAll(all, sink => new SinkPump(sink, options, time, logger));
    }

    /// <summary>Events that were let go: the queue was full, the export failed, or the sink dropped them. None of them was a denial, a violation or about an approval, unless a sink dropped it.</summary>
    public long Dropped => _pumps.Sum(pump => pump.Dropped);

    /// <summary>Denials, violations and approvals that no journal had room for. Each was logged as an error.</summary>
    public long Lost => _pumps.Sum(pump => pump.Lost);

    /// <inheritdoc />
    public void OnEvent(in GovernanceEvent governanceEvent)
    {
        if (_pumps.Length == 0)
        {
            return;
        }

        EventEnvelope envelope = EventMapper.Map(in governanceEvent);
        foreach (SinkPump pump in _pumps)
        {
            pump.Offer(envelope);
        }
    }

    /// <summary>Exports what waits now, for at most the time that the options give.</summary>
    /// <returns>False if the time was not enough.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(_options.FlushTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await Task.WhenAll(_pumps.Select(pump => pump.FlushAsync(either.Token))).WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Closes: exports for at most the time that the options give, and leaves the rest in the journals.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_pumps.Select(pump => pump.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>As <see cref="DisposeAsync"/>, waiting for it.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
