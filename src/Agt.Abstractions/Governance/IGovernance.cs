using Agt.Values;

namespace Agt;

/// <summary>
/// The one entry point: every adapter brings its actions here and does what it is told. Thread-safe, a singleton.
/// </summary>
public interface IGovernance
{
    /// <summary>Takes an empty arena to freeze a payload in. Pass it to the <see cref="GovernedAction"/>, or release it.</summary>
    ValueArena RentArena();

    /// <summary>Opens a session: pins the policy and runs <c>agent_startup</c>.</summary>
    /// <param name="principal">On whose behalf.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GovernanceDeniedException">The agent may not start.</exception>
    ValueTask<GovernanceSession> OpenSessionAsync(Principal principal, SessionOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Decides on an action and records the decision. Dispose the operation in any case: if it is allowed, after telling what became of it.
    /// </summary>
    /// <param name="action">The action; its payload is released when the operation is disposed.</param>
    /// <param name="cancellationToken">Gives up; the decision is then recorded as cancelled.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="ArgumentException">The action was authorized before.</exception>
    ValueTask<GovernedOperation> AuthorizeAsync(GovernedAction action, CancellationToken cancellationToken = default);

    /// <summary>Does the whole round: decides, records, runs the effect if it may run, decides on the result, records the outcome.</summary>
    /// <param name="action">The action.</param>
    /// <param name="state">Handed to the effect.</param>
    /// <param name="effect">What happens if it may; runs at most once, from the frozen payload it is given.</param>
    /// <param name="codec">How the result is frozen and rebuilt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The decision and the result; denials are values, not exceptions. What the effect throws is recorded and passes through.</returns>
    ValueTask<GovernedResult<TResult>> InvokeAsync<TState, TResult>(
        GovernedAction action, TState state, GovernedEffect<TState, TResult> effect, ResultCodec codec, CancellationToken cancellationToken = default);
}
