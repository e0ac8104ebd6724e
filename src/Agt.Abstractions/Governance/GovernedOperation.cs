using Agt.Values;

namespace Agt;

/// <summary>
/// One decided action, from decision to outcome. Complete it or fail it; disposing it while it is open records it as abandoned. Always dispose it.
/// </summary>
/// <remarks>A handle of 16 bytes; using it after disposal throws <see cref="ObjectDisposedException"/>.</remarks>
public readonly struct GovernedOperation : IAsyncDisposable, IEquatable<GovernedOperation>
{
    private readonly IOperation? _operation;
    private readonly long _generation;

    internal GovernedOperation(IOperation operation, long generation)
    {
        _operation = operation;
        _generation = generation;
    }

    /// <summary>The decision.</summary>
    public Decision Decision => StillOpen(Open().Decision);

    /// <summary>Names the decision.</summary>
    public DecisionId DecisionId => StillOpen(Open().DecisionId);

    /// <summary>Whether the effect may run.</summary>
    public bool IsAllowed => Decision.IsAllowed;

    /// <summary>What the effect must use: the frozen payload with every transform.</summary>
    public GovernedValue Payload => StillOpen(Open().Payload);

    /// <summary>Whether a transform changed the payload.</summary>
    public bool IsPayloadChanged => StillOpen(Open().IsPayloadChanged);

    /// <summary>The action.</summary>
    public GovernedAction Action => StillOpen(Open().Action);

    /// <summary>
    /// What the effect must stop at: cancelled when the caller gives up, when the session is killed, and when the session's time is over.
    /// </summary>
    public CancellationToken CancellationToken => StillOpen(Open().Cancellation);

    /// <summary>Tells that the effect returned; decides on the result.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="codec">How the result is frozen and rebuilt.</param>
    /// <param name="cancellationToken">Gives up waiting; what was reserved is settled all the same.</param>
    /// <returns>The decision on the result, and the result to hand on.</returns>
    /// <exception cref="InvalidOperationException">The operation was denied, or is already settled.</exception>
    public ValueTask<GovernedResult<TResult>> CompleteAsync<TResult>(TResult result, ResultCodec codec, CancellationToken cancellationToken = default) =>
        Open().CompleteAsync(_generation, result, codec, cancellationToken);

    /// <summary>Tells that the effect threw, or was cancelled (an <see cref="OperationCanceledException"/>).</summary>
    /// <param name="exception">What it threw.</param>
    /// <exception cref="InvalidOperationException">The operation was denied, or is already settled.</exception>
    public ValueTask FailAsync(Exception exception) => Open().FailAsync(_generation, exception);

    /// <summary>Ends the operation and releases its payload.</summary>
    public ValueTask DisposeAsync() => _operation is null ? default : _operation.DisposeAsync(_generation);

    /// <inheritdoc />
    public bool Equals(GovernedOperation other) => ReferenceEquals(_operation, other._operation) && _generation == other._generation;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is GovernedOperation other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_operation, _generation);

    /// <summary>Equality of the operation.</summary>
    public static bool operator ==(GovernedOperation left, GovernedOperation right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GovernedOperation left, GovernedOperation right) => !left.Equals(right);

    private IOperation Open()
    {
        IOperation operation = _operation ?? throw new InvalidOperationException("Operations come from IGovernance.AuthorizeAsync.");
        return operation.Generation == _generation ? operation : throw new ObjectDisposedException(nameof(GovernedOperation));
    }

    /// <summary>What was read belongs to this operation only if it is still open: another copy of the handle may have ended it meanwhile.</summary>
    private T StillOpen<T>(T read)
    {
        Volatile.ReadBarrier();
        return _operation!.Generation == _generation ? read : throw new ObjectDisposedException(nameof(GovernedOperation));
    }
}
