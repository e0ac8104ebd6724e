namespace Agt.Conformance;

/// <summary>An interceptor out of delegates.</summary>
internal sealed class Hook(string name, InterceptorStage stage = InterceptorStage.Policy) : IInterceptor
{
    public string Name { get; } = name;

    public InterceptorStage Stage { get; } = stage;

    internal Func<OperationContext, ValueTask<Verdict>> Before { get; init; } = static _ => default;

    internal Func<OperationContext, Outcome, ValueTask<Verdict>> After { get; init; } = static (_, _) => default;

    internal Func<OperationContext, ValueTask<Verdict>> Again { get; init; } = static _ => default;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => Before(context);

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => After(context, outcome);

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => Again(context);

    /// <summary>Says something at one point, nothing at others.</summary>
    internal static Hook At(InterventionPoint point, Func<OperationContext, Verdict> says, string name = "says", InterceptorStage stage = InterceptorStage.Policy) =>
        new(name, stage) { Before = context => new(context.Point == point ? says(context) : default) };

    /// <summary>Says something about tool calls.</summary>
    internal static Hook OnTool(Func<OperationContext, Verdict> says, string name = "says", InterceptorStage stage = InterceptorStage.Policy) => At(InterventionPoint.PreToolCall, says, name, stage);

    /// <summary>Says something about the result of an action.</summary>
    internal static Hook OnResult(InterventionPoint point, Func<OperationContext, Verdict> says, string name = "result") =>
        new(name) { After = (context, outcome) => new(context.Point == point && outcome.Status == OutcomeStatus.Completed ? says(context) : default) };
}
