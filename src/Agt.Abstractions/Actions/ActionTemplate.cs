namespace Agt;

/// <summary>
/// What stays the same from call to call: where, who and which tool. Adapters make one per tool and agent and reuse it, and modules keep beside it what they
/// worked out from it (see <see cref="GetOrAddPlan{TOwner}"/>), so that the next call costs nothing.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class ActionTemplate
{
    private const int MaxPlans = 8;
    private Plan? _plans;
    private System.Runtime.CompilerServices.ConditionalWeakTable<Principal, ActionTemplate>? _others;

    /// <summary>Describes a kind of action.</summary>
    /// <param name="point">Where it begins.</param>
    /// <param name="operation">What it is: <c>execute_tool</c>, <c>chat</c>, <c>invoke_agent</c>, <c>embeddings</c>, ... (OpenTelemetry GenAI names where there is one).</param>
    /// <param name="principal">On whose behalf.</param>
    /// <param name="tool">The tool; required where the point is <see cref="InterventionPoint.PreToolCall"/>.</param>
    /// <param name="framework">The adapter's framework, for example <c>semantic-kernel</c>.</param>
    /// <exception cref="ArgumentException">No action begins at the point, or a tool call names no tool.</exception>
    public ActionTemplate(InterventionPoint point, string operation, Principal principal, ToolIdentity? tool, string framework)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        ArgumentNullException.ThrowIfNull(principal);
        ArgumentException.ThrowIfNullOrWhiteSpace(framework);
        if (!point.BeginsAction())
        {
            throw new ArgumentException($"No action begins at {point.WireName()}.", nameof(point));
        }

        if (point == InterventionPoint.PreToolCall && tool is null)
        {
            throw new ArgumentException("A tool call names its tool.", nameof(tool));
        }

        Point = point;
        Operation = operation;
        Principal = principal;
        Tool = tool;
        Framework = framework;
    }

    /// <summary>Where the action begins.</summary>
    public InterventionPoint Point { get; }

    /// <summary>What it is.</summary>
    public string Operation { get; }

    /// <summary>On whose behalf.</summary>
    public Principal Principal { get; }

    /// <summary>The tool, if it is a tool call.</summary>
    public ToolIdentity? Tool { get; }

    /// <summary>The adapter's framework.</summary>
    public string Framework { get; }

    /// <summary>
    /// What a module worked out from this template for one owner (a policy snapshot, say), made on first use. At most eight owners are remembered;
    /// the oldest is forgotten, so an owner that was replaced does not live on.
    /// </summary>
    /// <param name="owner">Compared by reference.</param>
    /// <param name="create">Makes the plan; may run twice when two threads meet.</param>
    public object GetOrAddPlan<TOwner>(TOwner owner, Func<TOwner, ActionTemplate, object> create)
        where TOwner : class
    {
        Plan? first = Volatile.Read(ref _plans);
        for (Plan? plan = first; plan is not null; plan = plan.Next)
        {
            if (ReferenceEquals(plan.Owner, owner))
            {
                return plan.Value;
            }
        }

        ArgumentNullException.ThrowIfNull(create);
        object value = create(owner, this);
        var kept = new Plan(owner, value, Trim(first, MaxPlans - 1));
        Interlocked.CompareExchange(ref _plans, kept, first);
        return value;
    }

    /// <summary>
    /// The same kind of action for the principal of a session, where this template leaves user or tenant open; itself otherwise. Remembered as long as that principal lives.
    /// </summary>
    internal ActionTemplate For(Principal principal)
    {
        if (Principal == principal || !Principal.IsSatisfiedBy(principal))
        {
            return this;
        }

        System.Runtime.CompilerServices.ConditionalWeakTable<Principal, ActionTemplate> others =
            _others ?? Interlocked.CompareExchange(ref _others, [], null) ?? _others;
        return others.GetValue(principal, other => new ActionTemplate(Point, Operation, other, Tool, Framework));
    }

    private static Plan? Trim(Plan? plan, int most) =>
        plan is null || most == 0 ? null : plan with { Next = Trim(plan.Next, most - 1) };

    private sealed record Plan(object Owner, object Value, Plan? Next);
}
