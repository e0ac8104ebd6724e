namespace Agt.Testing;

/// <summary>An interceptor made of delegates, for tests.</summary>
public sealed class TestInterceptor(string name, InterceptorStage stage = InterceptorStage.Content) : IInterceptor
{
    public string Name { get; } = name;

    public InterceptorStage Stage { get; } = stage;

    public Func<OperationContext, CancellationToken, ValueTask<Verdict>> Before { get; init; } = static (_, _) => default;

    public Func<OperationContext, Outcome, CancellationToken, ValueTask<Verdict>> After { get; init; } = static (_, _, _) => default;

    public Func<OperationContext, CancellationToken, ValueTask<Verdict>> Revalidate { get; init; } = static (_, _) => default;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => Before(context, cancellationToken);

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => After(context, outcome, cancellationToken);

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => Revalidate(context, cancellationToken);

    /// <summary>Always gives this verdict before.</summary>
    public static TestInterceptor Says(string name, Verdict verdict, InterceptorStage stage = InterceptorStage.Content) =>
        new(name, stage) { Before = (_, _) => new(verdict) };
}
