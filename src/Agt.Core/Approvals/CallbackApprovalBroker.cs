namespace Agt.Approvals;

/// <summary>Asks by calling back. Thread-safe if the callback is.</summary>
public sealed class CallbackApprovalBroker : IApprovalBroker
{
    private readonly Func<ApprovalRequest, CancellationToken, ValueTask<ApprovalResponse>> _ask;

    /// <summary>Creates the broker.</summary>
    /// <param name="ask">Answers with <see cref="ApprovalRequest.Approve"/> or <see cref="ApprovalRequest.Reject"/>.</param>
    public CallbackApprovalBroker(Func<ApprovalRequest, CancellationToken, ValueTask<ApprovalResponse>> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        _ask = ask;
    }

    /// <inheritdoc />
    public ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken) => _ask(request, cancellationToken);
}
