using Agt.Values;

namespace Agt;

/// <summary>
/// What is about to happen, frozen. Built by adapters, read by everyone, changed by nobody. Not pooled; its payload is readable until its operation ends.
/// </summary>
/// <remarks>An action is decided on once: authorizing it a second time is refused.</remarks>
public sealed class GovernedAction
{
    /// <summary>The arena of the payload, or the reason why there is no payload: an action has one of them at most, and there is one action a call.</summary>
    private object? _arenaOrRefusal;

    /// <summary>The id of the call, or an <see cref="Interrupt"/> with it: hardly any action is interrupted, so it costs the others nothing.</summary>
    private readonly object? _call;
    private long _admittedAt;

    /// <summary>Describes one action.</summary>
    /// <param name="template">Where, who and which tool. Where it names no user or tenant, those of the session hold.</param>
    /// <param name="session">The session it belongs to.</param>
    /// <param name="payload">Arguments, messages or input, frozen. Arguments are a map.</param>
    /// <param name="arena">The arena the payload lives in, whose first lease passes to the action; null if the payload lives on its own.</param>
    /// <param name="callId">The framework's id of the call, or null.</param>
    /// <param name="parent">The action inside whose effect this one happens, or null.</param>
    /// <param name="refusal">Why the payload could not be frozen; the action is then denied with this reason, and keeps neither payload nor arena. Null normally.</param>
    public GovernedAction(
        ActionTemplate template,
        GovernanceSession session,
        GovernedValue payload,
        ValueArena? arena = null,
        string? callId = null,
        GovernedAction? parent = null,
        ReasonCode? refusal = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(session);
        Template = ReferenceEquals(template.Principal, session.Principal) ? template : template.For(session.Principal);
        Session = session;
        Payload = payload;
        if (refusal is not null)
        {
            // What could not be frozen as a whole is not kept in part.
            arena?.Release();
            Payload = default;
        }

        _arenaOrRefusal = refusal is null ? arena : refusal;
        _call = callId;
        Parent = parent;
    }

    /// <summary>Where, who and which tool.</summary>
    public ActionTemplate Template { get; }

    /// <summary>The session.</summary>
    public GovernanceSession Session { get; }

    /// <summary>The frozen arguments, messages or input, as the caller gave them. Transforms never change it; see <see cref="OperationContext.Payload"/>.</summary>
    public GovernedValue Payload { get; }

    /// <summary>The framework's id of the call, or null.</summary>
    public string? CallId => _call as string ?? (_call as Interrupt)?.CallId;

    /// <summary>
    /// Who is asked, before this action happens, instead of the host's broker; null (default) for the host's, who is asked about its result in any case. For adapters whose framework carries a person's answer itself: the answer is then
    /// given here, and is held to everything that any other answer is held to (spec 08, ADP-110, ADP-115).
    /// </summary>
    public Approvals.IApprovalBroker? Approver
    {
        get => (_call as Interrupt)?.Approver;
        init => _call = new Interrupt(CallId, value, IsRehearsal);
    }

    /// <summary>
    /// Whether the action is only decided on, and does not happen now: for adapters that must know whether a person has to be asked before anything of a batch runs (spec 08, ADP-116). What
    /// was reserved is given back and nobody is asked: where a person would have to be, the decision is a denial with <see cref="ReasonCodes.ApprovalRequired"/>. An allow is not
    /// recorded, since the action is decided on again when it happens. Default false.
    /// </summary>
    public bool IsRehearsal
    {
        get => _call is Interrupt { IsRehearsal: true };
        init => _call = new Interrupt(CallId, Approver, value);
    }

    /// <summary>The action inside whose effect this one happens, or null.</summary>
    public GovernedAction? Parent { get; }

    /// <summary>When it was admitted (UTC); default before that.</summary>
    public DateTimeOffset Timestamp => Volatile.Read(ref _admittedAt) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;

    internal ReasonCode? Refusal => _arenaOrRefusal as ReasonCode;

    internal ValueArena? Arena => _arenaOrRefusal as ValueArena;

    /// <summary>How many actions enclose this one.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            for (GovernedAction? parent = Parent; parent is not null; parent = parent.Parent)
            {
                depth++;
            }

            return depth;
        }
    }

    /// <summary>Marks the action as being decided on; false if it was before.</summary>
    internal bool TryAdmit() => Interlocked.CompareExchange(ref _admittedAt, -1, 0) == 0;

    internal void Stamp(DateTimeOffset timestamp) => Volatile.Write(ref _admittedAt, timestamp.UtcTicks);

    internal ValueArena AttachArena(ValueArena arena)
    {
        _arenaOrRefusal = arena;
        return arena;
    }

    /// <summary>Lets go of the payload without giving its memory back for reuse.</summary>
    internal void AbandonPayload()
    {
        if (_arenaOrRefusal is ValueArena)
        {
            _arenaOrRefusal = null;
        }
    }

    internal void ReleasePayload()
    {
        if (_arenaOrRefusal is ValueArena arena && ReferenceEquals(Interlocked.CompareExchange(ref _arenaOrRefusal, null, arena), arena))
        {
            arena.Release();
        }
    }

    private sealed record Interrupt(string? CallId, Approvals.IApprovalBroker? Approver, bool IsRehearsal);
}
