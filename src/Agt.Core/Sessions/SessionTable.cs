using System.Collections.Concurrent;
using Agt.Chain;

namespace Agt.Sessions;

/// <summary>The open sessions: bounded in number, and those that nobody uses any more are ended (spec 08, ADP-033). Thread-safe.</summary>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<GovernanceSession, byte> _open = new(ReferenceEqualityComparer.Instance);
    private readonly GovernanceClock _clock;
    private readonly int _capacity;
    private readonly long _idle;
    private int _count;
    private long _sweptAt;

    internal SessionTable(GovernanceClock clock, int capacity, TimeSpan idle)
    {
        _clock = clock;
        _capacity = capacity;
        _idle = clock.ToUnits(idle);
        _sweptAt = clock.Now();
    }

    internal IEnumerable<GovernanceSession> All => _open.Keys;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Whether a session was unused for too long.</summary>
    internal bool IsIdle(GovernanceSession session, long now) => session.Running == 0 && now - session.LastUsed > _idle;

    /// <summary>Makes room for one more session; ends what is idle now and then, and what was unused for longest when there is no room.</summary>
    /// <returns>Whether there is room. It is taken: give it back with <see cref="Leave"/>.</returns>
    internal async ValueTask<bool> EnterAsync()
    {
        long now = _clock.Now();
        long swept = Volatile.Read(ref _sweptAt);
        if (now - swept > _idle / 8 && Interlocked.CompareExchange(ref _sweptAt, now, swept) == swept)
        {
            await EndAsync(_open.Keys.Where(session => IsIdle(session, now))).ConfigureAwait(false);
        }

        if (Interlocked.Increment(ref _count) <= _capacity)
        {
            return true;
        }

        // Starts at once may find the same sessions to end: each goes on until there is room for itself.
        do
        {
            // A hundredth more than is needed, so that not every start in a full table has to look at all sessions.
            GovernanceSession[] oldest = [.. _open.Keys.Where(session => session.Running == 0).OrderBy(session => session.LastUsed).Take(1 + (_capacity / 100))];
            if (oldest.Length == 0)
            {
                Interlocked.Decrement(ref _count);
                return false;
            }

            await EndAsync(oldest).ConfigureAwait(false);
        }
        while (Count > _capacity);

        return true;
    }

    internal void Add(GovernanceSession session) => _open.TryAdd(session, 0);

    /// <summary>Gives back the room of a session, which has ended or never began.</summary>
    internal void Leave(GovernanceSession? session)
    {
        if (session is null || _open.TryRemove(session, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private static async ValueTask EndAsync(IEnumerable<GovernanceSession> sessions)
    {
        foreach (GovernanceSession session in sessions)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
