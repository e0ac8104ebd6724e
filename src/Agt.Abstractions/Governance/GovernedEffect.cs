namespace Agt;

/// <summary>What an action does if it may.</summary>
/// <param name="state">The adapter's own state.</param>
/// <param name="operation">The operation, whose <see cref="GovernedOperation.Payload"/> is what the effect must use.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask<TResult> GovernedEffect<TState, TResult>(TState state, GovernedOperation operation, CancellationToken cancellationToken);
