namespace Agt;

/// <summary>
/// One link of the chain. <see cref="BeforeAsync"/> runs in the order of stages, then registration; <see cref="AfterAsync"/> in reverse, for every interceptor whose
/// before phase ended without a deny, also when the action did not run.
/// </summary>
/// <remarks>
/// Implementations are singletons and thread-safe. What throws, hangs or answers nonsense is a deny. Complete synchronously where you can: the chain then allocates nothing.
/// Do not keep the <see cref="OperationContext"/> or its values beyond the call.
/// </remarks>
public interface IInterceptor
{
    /// <summary>A stable name for records.</summary>
    string Name { get; }

    /// <summary>Where in the chain it stands.</summary>
    InterceptorStage Stage { get; }

    /// <summary>Decides before the action. What this reserves (a budget, a slot) is committed or given back in <see cref="AfterAsync"/>.</summary>
    /// <param name="context">The action and what is known of it.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time for deciding is over.</param>
    ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken);

    /// <summary>Decides on the result, and settles what was reserved. A deny withholds the result; it cannot undo the effect.</summary>
    /// <param name="context">As before, with <see cref="OperationContext.Output"/>.</param>
    /// <param name="outcome">What became of the action.</param>
    /// <param name="cancellationToken">Cancelled when the time for deciding is over; not when the caller gave up, since what was reserved must still be settled.</param>
    ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Checked again once a person has approved, which may be long after <see cref="BeforeAsync"/>: is it still so? Reserves nothing. Kill switches, revocation and policy override it.
    /// </summary>
    /// <param name="context">The action as it was approved.</param>
    /// <param name="cancellationToken">As in <see cref="BeforeAsync"/>.</param>
    ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => default;
}
