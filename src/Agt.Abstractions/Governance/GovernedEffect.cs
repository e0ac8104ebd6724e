namespace Agt;

/// <summary>What an action does if it may.</summary>
/// <param name="state">The adapter's own state.</param>
/// <param name="operation">The operation, whose <see cref="GovernedOperation.Payload"/> is what the effect must use.</param>
/// <param name="cancellationToken">Cancelled when the caller gives up, when the session is killed, and when its time is over.</param>
public delegate ValueTask<TResult> GovernedEffect<TState, TResult>(TState state, GovernedOperation operation, CancellationToken cancellationToken);
