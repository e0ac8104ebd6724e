using Agt.Values;

namespace Agt;

/// <summary>The pooled state behind a <see cref="GovernedOperation"/>.</summary>
internal interface IOperation
{
    long Generation { get; }

    Decision Decision { get; }

    DecisionId DecisionId { get; }

    GovernedValue Payload { get; }

    bool IsPayloadChanged { get; }

    GovernedAction Action { get; }

    CancellationToken Cancellation { get; }

    ValueTask<GovernedResult<TResult>> CompleteAsync<TResult>(long generation, TResult result, ResultCodec codec, CancellationToken cancellationToken);

    ValueTask FailAsync(long generation, Exception exception);

    ValueTask DisposeAsync(long generation);
}
