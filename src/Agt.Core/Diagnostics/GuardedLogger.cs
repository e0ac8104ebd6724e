using Microsoft.Extensions.Logging;

namespace Agt;

/// <summary>Passes log entries on. A provider that throws must neither stop a decision half-way nor take a result away, so its failure is only counted.</summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    private long _lost;

    /// <summary>How many entries a provider failed to take.</summary>
    internal long Lost => Volatile.Read(ref _lost);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _lost);
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _lost);
        }
    }
}
