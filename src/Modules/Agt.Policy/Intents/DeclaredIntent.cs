using Agt.Policy.Facets;

namespace Agt.Policy.Intents;

/// <summary>
/// What an agent says it is going to do in a session, so that nothing else is done (spec 01, POL-199). Made by <see cref="IntentRegistry.Declare"/>; approved by the host for somebody else
/// than the agent. Thread-safe.
/// </summary>
public sealed class DeclaredIntent
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly UnplannedAction _unplanned;
    private IntentPlan _plan;
    private IntentState _state;
    private bool _rests;
    private long _version = 1;
    private int _refused;

    internal DeclaredIntent(string id, GovernanceSession session, IntentPlan plan, IntentOptions options, DateTimeOffset expiresAt, TimeProvider time)
    {
        Id = id;
        Session = session.Id;
        Agent = session.Principal.Agent;
        Parent = options.Parent;
        ExpiresAt = expiresAt;
        _plan = plan;
        _unplanned = options.Unplanned;
        _time = time;
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>The session that it is for.</summary>
    public SessionId Session { get; }

    /// <summary>The agent that declared it.</summary>
    public AgentId Agent { get; }

    /// <summary>The intent that it is part of; null for none.</summary>
    public DeclaredIntent? Parent { get; }

    /// <summary>When its time is over (UTC).</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Where it stands.</summary>
    public IntentState State
    {
        get
        {
            lock (_gate)
            {
                return Refreshed();
            }
        }
    }

    /// <summary>Grows each time it is declared anew, approved or completed, or has to be declared anew. Whoever changes it says which version they have seen.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>What it plans.</summary>
    public IReadOnlyList<PlannedAction> Actions => Plan.Actions;

    /// <summary>How often something was tried that was not planned.</summary>
    public int Refused
    {
        get
        {
            lock (_gate)
            {
                return _refused;
            }
        }
    }

    internal IntentPlan Plan
    {
        get
        {
            lock (_gate)
            {
                return _plan;
            }
        }
    }

    /// <summary>Approves what is planned.</summary>
    /// <param name="version">The version that was looked at.</param>
    /// <param name="approver">Who approves; not the agent itself.</param>
    /// <exception cref="IntentException">It is another version by now, not waiting for approval, has to be declared anew, or the agent approves itself.</exception>
    public void Approve(long version, string approver)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(approver);
        if (string.Equals(approver.Trim(), Agent.Value, StringComparison.OrdinalIgnoreCase))
        {
            throw new IntentException("An agent cannot approve its own intent.");
        }

        Change(version, IntentState.Approved, static (intent, state) => state == IntentState.Declared && !intent._rests);
    }

    /// <summary>Ends it as finished.</summary>
    /// <param name="version">The version that was looked at.</param>
    /// <exception cref="IntentException">It is another version by now, or not under way.</exception>
    public void Complete(long version) => Change(version, IntentState.Completed, static (_, state) => state is IntentState.Approved or IntentState.Executing);

    /// <summary>Plans anew, within what its parent plans. It has to be approved again.</summary>
    /// <param name="version">The version that was looked at.</param>
    /// <param name="actions">What is planned now.</param>
    /// <exception cref="IntentException">It is another version by now, it is over, or the plan cannot be taken.</exception>
    public void ReDeclare(long version, IReadOnlyList<PlannedAction> actions)
    {
        ArgumentNullException.ThrowIfNull(actions);
        IntentPlan plan = PlanWithin(actions, Parent);
        lock (_gate)
        {
            Change(version, IntentState.Declared, static (_, state) => state <= IntentState.Executing);
            _plan = plan;
            _rests = false;
        }
    }

    internal static IntentPlan PlanWithin(IReadOnlyList<PlannedAction> actions, DeclaredIntent? parent)
    {
        var plan = new IntentPlan(actions);
        return parent is not null && plan.Beyond(parent.Plan) is { } tool
            ? throw new IntentException($"{tool} is not planned by the intent that this one is part of. A child only narrows its parent.")
            : plan;
    }

    /// <summary>Decides on a call, by this intent and all that it is part of.</summary>
    /// <param name="context">The call.</param>
    /// <param name="facets">Reads facets.</param>
    /// <param name="looksOnly">Whether nothing may change by it.</param>
    /// <returns>Why it is refused; null if it is not.</returns>
    internal ReasonCode? Refuses(OperationContext context, FacetReader facets, bool looksOnly)
    {
        for (DeclaredIntent? intent = this; intent is not null; intent = intent.Parent)
        {
            IntentPlan plan;
            lock (intent._gate)
            {
                if (intent.Refreshed() is not (IntentState.Approved or IntentState.Executing))
                {
                    return IntentInterceptor.NotInForce;
                }

                plan = intent._plan;
            }

            if (!plan.Allows(context, facets))
            {
                if (!looksOnly)
                {
                    // The intent that was asked for is the one that was left, whichever above it does not plan the call.
                    Leave();
                }

                return IntentInterceptor.Unplanned;
            }
        }

        return looksOnly || Begin() ? null : IntentInterceptor.NotInForce;
    }

    /// <summary>The first planned call; false if the intent ended meanwhile.</summary>
    private bool Begin()
    {
        for (DeclaredIntent? intent = this; intent is not null; intent = intent.Parent)
        {
            lock (intent._gate)
            {
                if (intent.Refreshed() is not (IntentState.Approved or IntentState.Executing))
                {
                    return false;
                }

                intent._state = IntentState.Executing;
            }
        }

        return true;
    }

    private void Leave()
    {
        lock (_gate)
        {
            _refused += _refused < int.MaxValue ? 1 : 0;
            if (Refreshed() is not (IntentState.Approved or IntentState.Executing))
            {
                return;
            }

            switch (_unplanned)
            {
                case UnplannedAction.SoftBlock:
                    break;
                case UnplannedAction.ReDeclare:
                    _state = IntentState.Declared;
                    _rests = true;
                    _version++;
                    break;
                default:
                    _state = IntentState.Violated;
                    break;
            }
        }
    }

    private void Change(long version, IntentState to, Func<DeclaredIntent, IntentState, bool> may)
    {
        lock (_gate)
        {
            if (version != _version)
            {
                throw new IntentException($"The intent is at version {_version} by now, not {version}. Look at it again.");
            }

            IntentState state = Refreshed();
            if (!may(this, state))
            {
                throw new IntentException($"The intent is {state}{(_rests ? " and has to be declared anew" : string.Empty)}: it cannot become {to}.");
            }

            _state = to;
            _version++;
        }
    }

    private IntentState Refreshed()
    {
        if (_state <= IntentState.Executing && _time.GetUtcNow() >= ExpiresAt)
        {
            _state = IntentState.Expired;
        }

        return _state;
    }
}
