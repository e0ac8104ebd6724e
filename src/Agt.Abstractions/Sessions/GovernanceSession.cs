using System.Collections.Immutable;

namespace Agt;

/// <summary>
/// One run of one agent: its pinned policy, its budgets, its labels and its attributes. Opened by <see cref="IGovernance.OpenSessionAsync"/>; dispose it when the run ends.
/// </summary>
/// <remarks>Thread-safe: many operations may run in one session at once, and budgets are reserved atomically.</remarks>
public sealed partial class GovernanceSession : IAsyncDisposable
{
    private readonly IPolicySnapshot? _pinned;
    private readonly IPolicySource? _source;
    private readonly Func<GovernanceSession, ValueTask>? _close;
    private ImmutableHashSet<string> _labels;
    private int _toolCalls;
    private int _modelCalls;
    private long _tokens;
    private int _closed;

    internal GovernanceSession(
        SessionId id,
        Principal principal,
        SessionLimits limits,
        IPolicySnapshot? pinned,
        IPolicySource? source,
        long startedAt,
        IReadOnlyCollection<string> labels,
        Func<GovernanceSession, ValueTask>? close,
        TimeProvider? time = null)
    {
        Id = id;
        Principal = principal;
        Limits = limits;
        _pinned = pinned;
        _source = source;
        StartedAt = startedAt;
        _lastUsed = startedAt;
        _time = time ?? TimeProvider.System;
        _labels = labels.Count == 0 ? ImmutableHashSet<string>.Empty : ImmutableHashSet.CreateRange(StringComparer.Ordinal, labels);
        _close = close;
    }

    /// <summary>Its id.</summary>
    public SessionId Id { get; }

    /// <summary>On whose behalf it runs.</summary>
    public Principal Principal { get; }

    /// <summary>What it may use.</summary>
    public SessionLimits Limits { get; }

    /// <summary>The policy it is decided by, pinned or live; null when the host has none.</summary>
    public IPolicySnapshot? Policy => _pinned ?? _source?.Current;

    /// <summary>Labels gathered so far. They only grow.</summary>
    public IReadOnlySet<string> Labels => Volatile.Read(ref _labels);

    /// <summary>Tool calls that ran or are running.</summary>
    public int ToolCalls => Volatile.Read(ref _toolCalls);

    /// <summary>Model calls that ran or are running.</summary>
    public int ModelCalls => Volatile.Read(ref _modelCalls);

    /// <summary>Tokens that models reported.</summary>
    public long Tokens => Volatile.Read(ref _tokens);

    /// <summary>Whether the session has ended; every action in it is then denied.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    internal long StartedAt { get; }

    /// <summary>Adds a label.</summary>
    /// <returns>Whether it was new.</returns>
    public bool AddLabel(string label)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        return ImmutableInterlocked.Update(ref _labels, static (set, item) => set.Add(item), label);
    }

    /// <summary>Adds what a model reported to the session's token budget.</summary>
    public void ReportTokens(long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        long seen = Volatile.Read(ref _tokens);
        while (true)
        {
            long sum = tokens > long.MaxValue - seen ? long.MaxValue : seen + tokens;
            long found = Interlocked.CompareExchange(ref _tokens, sum, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>Ends the session: <c>agent_shutdown</c> runs once, and later actions are denied.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return default;
        }

        Volatile.Read(ref _deadline)?.Dispose();
        return _close is null ? default : _close(this);
    }

    /// <summary>Takes one unit of a budget, if there is one left.</summary>
    internal bool TryReserve(InterventionPoint point, out ReasonCode refusal)
    {
        switch (point)
        {
            case InterventionPoint.PreToolCall:
                refusal = ReasonCodes.MaxToolCalls;
                return TryTake(ref _toolCalls, Limits.MaxToolCalls);
            case InterventionPoint.PreModelCall:
                refusal = ReasonCodes.MaxTokens;
                if (Limits.MaxTokens is { } most && Tokens >= most)
                {
                    return false;
                }

                refusal = ReasonCodes.MaxModelCalls;
                return TryTake(ref _modelCalls, Limits.MaxModelCalls);
            default:
                refusal = ReasonCodes.Allowed;
                return true;
        }
    }

    /// <summary>Gives a unit back: the action did not run.</summary>
    internal void Return(InterventionPoint point)
    {
        if (point == InterventionPoint.PreToolCall)
        {
            Interlocked.Decrement(ref _toolCalls);
        }
        else if (point == InterventionPoint.PreModelCall)
        {
            Interlocked.Decrement(ref _modelCalls);
        }
    }

    private static bool TryTake(ref int used, int? most)
    {
        if (most is null)
        {
            Interlocked.Increment(ref used);
            return true;
        }

        int seen = Volatile.Read(ref used);
        while (seen < most.Value)
        {
            int found = Interlocked.CompareExchange(ref used, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }
}
