namespace Agt.Policy.Collective;

/// <summary>
/// What happened within one window. Thread-safe. Bounded: beyond <see cref="MaxEntries"/> the two oldest entries become one that lasts as long as the younger, so that the aggregate is
/// never smaller than the truth.
/// </summary>
internal sealed class CollectiveWindow(TimeProvider time, CollectiveAggregate aggregate, double threshold, TimeSpan window)
{
    internal const int MaxEntries = 10_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = new();
    private readonly Dictionary<AgentId, int> _agents = [];
    private double _sum;

    /// <summary>Enters an action unless it would bring the aggregate to the threshold.</summary>
    /// <param name="agent">Who acts.</param>
    /// <param name="value">The number that counts; 1 where actions are counted.</param>
    /// <param name="force">Enters it all the same: a person decides.</param>
    /// <param name="entry">What was entered, if it was.</param>
    /// <returns>Whether the aggregate stays below the threshold.</returns>
    internal bool TryEnter(AgentId agent, double value, bool force, out LinkedListNode<Entry>? entry)
    {
        lock (_gate)
        {
            Expire();
            bool fits = After(agent, value) < threshold;
            entry = null;
            if (!fits && !force)
            {
                return false;
            }

            if (_entries.Count >= MaxEntries && !TryShorten())
            {
                return false;
            }

            entry = _entries.AddLast(new Entry(time.GetTimestamp(), agent, value));
            Count(agent, 1);
            _sum += value;
            return fits;
        }
    }

    /// <summary>Takes an entry back: the action did not run.</summary>
    internal void Leave(LinkedListNode<Entry> entry)
    {
        lock (_gate)
        {
            if (ReferenceEquals(entry.List, _entries))
            {
                Remove(entry);
            }
        }
    }

    private double After(AgentId agent, double value)
    {
        switch (aggregate)
        {
            case CollectiveAggregate.DistinctAgents:
                return _agents.Count + (_agents.ContainsKey(agent) ? 0 : 1);
            case CollectiveAggregate.Max:
                double most = value;
                foreach (Entry entry in _entries)
                {
                    most = Math.Max(most, entry.Value);
                }

                return most;
            default:
                return _sum + value;
        }
    }

    private void Expire()
    {
        while (_entries.First is { } oldest && time.GetElapsedTime(oldest.ValueRef.Stamp) >= window)
        {
            Remove(oldest);
        }

        if (_entries.Count == 0)
        {
            // What rounding left behind goes with the last entry.
            _sum = 0;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node);
        Count(node.ValueRef.Agent, -1);
        _sum = Math.Max(0, _sum - node.ValueRef.Value);
    }

    private void Count(AgentId agent, int change)
    {
        int count = _agents.GetValueOrDefault(agent) + change;
        if (count > 0)
        {
            _agents[agent] = count;
        }
        else
        {
            _agents.Remove(agent);
        }
    }

    /// <summary>Merges the oldest entry into a later one. An agent that would be forgotten by it is not merged: then there is no room.</summary>
    private bool TryShorten()
    {
        LinkedListNode<Entry> oldest = _entries.First!;
        LinkedListNode<Entry>? into = oldest.Next;
        if (aggregate == CollectiveAggregate.DistinctAgents)
        {
            while (into is not null && into.ValueRef.Agent != oldest.ValueRef.Agent)
            {
                into = into.Next;
            }
        }

        if (into is null)
        {
            return false;
        }

        into.ValueRef = into.ValueRef with
        {
            Value = aggregate == CollectiveAggregate.Max ? Math.Max(into.ValueRef.Value, oldest.ValueRef.Value) : into.ValueRef.Value + oldest.ValueRef.Value,
        };
        _entries.Remove(oldest);
        Count(oldest.ValueRef.Agent, -1);
        return true;
    }

    internal readonly record struct Entry(long Stamp, AgentId Agent, double Value);
}
