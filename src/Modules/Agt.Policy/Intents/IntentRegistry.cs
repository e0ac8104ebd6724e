using System.Globalization;
using System.Runtime.CompilerServices;

namespace Agt.Policy.Intents;

/// <summary>The intents of sessions, one for each at a time. A service of the host. Thread-safe; an intent is forgotten with its session.</summary>
public sealed class IntentRegistry
{
    private const int MaxDepth = 16;
    private readonly ConditionalWeakTable<GovernanceSession, DeclaredIntent> _intents = [];
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private long _next;

    internal IntentRegistry(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Declares what is going to be done in a session. Until it is approved nothing is.</summary>
    /// <param name="session">The session.</param>
    /// <param name="actions">What is planned; 1 to 1,000 actions.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="IntentException">
    /// The session has an intent that is not over, the plan cannot be taken, the lifetime is out of range, or the parent is over, deep, or does not plan what its child does.
    /// </exception>
    public DeclaredIntent Declare(GovernanceSession session, IReadOnlyList<PlannedAction> actions, IntentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(actions);
        options ??= new IntentOptions();
        if (options.Lifetime <= TimeSpan.Zero || options.Lifetime > TimeSpan.FromDays(1))
        {
            throw new IntentException($"The lifetime is {options.Lifetime}; it must be more than zero and at most a day.");
        }

        DateTimeOffset expires = _time.GetUtcNow() + options.Lifetime;
        if (options.Parent is { } parent)
        {
            if (parent.State > IntentState.Executing)
            {
                throw new IntentException($"The intent that this one is part of is {parent.State}.");
            }

            int depth = 1;
            for (DeclaredIntent? above = parent; above is not null; above = above.Parent)
            {
                depth++;
            }

            if (depth > MaxDepth)
            {
                throw new IntentException($"Intents are nested to {MaxDepth} at most.");
            }

            expires = parent.ExpiresAt < expires ? parent.ExpiresAt : expires;
        }

        IntentPlan plan = DeclaredIntent.PlanWithin(actions, options.Parent);
        lock (_gate)
        {
            if (Find(session) is { } there)
            {
                // Else an agent that was blocked would just declare another one.
                if (there.State != IntentState.Completed)
                {
                    throw new IntentException($"The session has an intent that is {there.State}. Declare that one anew, or open another session.");
                }

                _intents.Remove(session);
            }

            var intent = new DeclaredIntent(string.Create(CultureInfo.InvariantCulture, $"{session.Id}/intent-{++_next}"), session, plan, options, expires, _time);
            _intents.Add(session, intent);
            return intent;
        }
    }

    /// <summary>The intent of a session; null if it has declared none.</summary>
    /// <param name="session">The session.</param>
    public DeclaredIntent? Find(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _intents.TryGetValue(session, out DeclaredIntent? intent) ? intent : null;
    }
}
