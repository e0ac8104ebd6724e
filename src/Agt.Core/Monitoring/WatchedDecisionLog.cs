using Agt.Audit;

namespace Agt.Monitoring;

/// <summary>The host's decision log, with the monitor beside it. The monitor sees what the log has taken, and what it has not.</summary>
internal sealed class WatchedDecisionLog(GovernanceMonitor monitor, IDecisionLog log) : IDecisionLog
{
    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        ValueTask appended;
        try
        {
            appended = log.AppendAsync(in record, cancellationToken);
        }
        catch
        {
            monitor.AddFailure(record.Id);
            throw;
        }

        if (!appended.IsCompletedSuccessfully)
        {
            return WhenAppendedAsync(appended, record);
        }

        monitor.Add(in record);
        return appended;
    }

    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
    {
        ValueTask appended;
        try
        {
            appended = log.AppendAsync(in record, cancellationToken);
        }
        catch
        {
            monitor.AddFailure(record.DecisionId);
            throw;
        }

        if (!appended.IsCompletedSuccessfully)
        {
            return WhenAppendedAsync(appended, record);
        }

        monitor.Add(in record);
        return appended;
    }

    private async ValueTask WhenAppendedAsync(ValueTask appended, DecisionRecord record)
    {
        try
        {
            await appended.ConfigureAwait(false);
        }
        catch
        {
            monitor.AddFailure(record.Id);
            throw;
        }

        monitor.Add(in record);
    }

    private async ValueTask WhenAppendedAsync(ValueTask appended, OutcomeRecord record)
    {
        try
        {
            await appended.ConfigureAwait(false);
        }
        catch
        {
            monitor.AddFailure(record.DecisionId);
            throw;
        }

        monitor.Add(in record);
    }
}
