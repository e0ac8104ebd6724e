using Agt.Chain;

namespace Agt.Approvals;

/// <summary>
/// Counts how often each agent asks: who is asked too often says yes without looking (spec 08, ADP-118). What is over the threshold is refused unasked; other agents do not notice.
/// Exact windows, one for each agent that asked within the last minute. Thread-safe.
/// </summary>
internal sealed class ApprovalFatigue(GovernanceClock clock, int threshold)
{
    /// <summary>The one who answers in place of a person.</summary>
    internal const string Approver = "system:fatigue_detector";

    private const int MostAgents = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<AgentId, Queue<long>> _asked = [];
    private readonly long _window = clock.ToUnits(TimeSpan.FromSeconds(60));

    /// <summary>Counts one more question, if it may be asked.</summary>
    internal bool TryAsk(AgentId agent)
    {
        long now = clock.Now();
        lock (_lock)
        {
            if (!_asked.TryGetValue(agent, out Queue<long>? times))
            {
                if (_asked.Count >= MostAgents && !Forget(now))
                {
                    return false;
                }

                _asked[agent] = times = new Queue<long>();
            }

            Expire(times, now);
            if (times.Count >= threshold)
            {
                return false;
            }

            times.Enqueue(now);
            return true;
        }
    }

    private void Expire(Queue<long> times, long now)
    {
        while (times.TryPeek(out long oldest) && now - oldest >= _window)
        {
            times.Dequeue();
        }
    }

    /// <summary>Drops the agents that have not asked for a minute.</summary>
    /// <returns>Whether that made room.</returns>
    private bool Forget(long now)
    {
        foreach ((AgentId agent, Queue<long> times) in _asked)
        {
            Expire(times, now);
            if (times.Count == 0)
            {
                _asked.Remove(agent);
            }
        }

        return _asked.Count < MostAgents;
    }
}
