using System.Security.Claims;

namespace Agt.Approvals;

/// <summary>
/// Requests that wait for people: a page, a chat or a terminal shows <see cref="Pending"/> and answers by <see cref="TryApprove"/> and <see cref="TryReject"/> (spec 01, POL-234, 235).
/// </summary>
/// <remarks>
/// Thread-safe, and signalled: nothing polls. An answer counts if the person is authenticated, may answer at the present level, is neither the agent nor the user for whom it acts, and has not answered before. One
/// refusal ends a request; when the last level's time is over, it ends as refused too.
/// </remarks>
public sealed class ApprovalDesk : IApprovalBroker
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WaitingApproval> _waiting = new(StringComparer.Ordinal);
    private readonly ApprovalDeskOptions _options;
    private readonly TimeProvider _clock;

    /// <summary>Creates a desk with nothing on it.</summary>
    /// <param name="options">How it asks; null for the defaults.</param>
    /// <param name="clock">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public ApprovalDesk(ApprovalDeskOptions? options = null, TimeProvider? clock = null)
    {
        _options = options ?? new ApprovalDeskOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxPending, 1);
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>A request came, or went on to its next level. Raised outside every lock; what a handler throws refuses the request.</summary>
    public event EventHandler<PendingApprovalEventArgs>? Requested;

    /// <summary>What waits, oldest first.</summary>
    public IReadOnlyList<PendingApproval> Pending
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting.Values.Select(one => one.Picture).OrderBy(one => one.Request.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Approves.</summary>
    /// <param name="id">The request.</param>
    /// <param name="approver">Who says so: authenticated, with a name.</param>
    /// <param name="comment">Why, for the record.</param>
    /// <returns>Whether the word counted: false for a request that does not wait (any more), and for somebody who may not answer it or has done so.</returns>
    public bool TryApprove(string id, ClaimsPrincipal approver, string? comment = null) => TryAnswer(id, approver, comment, approves: true);

    /// <summary>Refuses.</summary>
    /// <param name="id">The request.</param>
    /// <param name="approver">Who says so: authenticated, with a name.</param>
    /// <param name="comment">Why, for the record.</param>
    /// <returns>As <see cref="TryApprove"/>.</returns>
    public bool TryReject(string id, ClaimsPrincipal approver, string? comment = null) => TryAnswer(id, approver, comment, approves: false);

    /// <inheritdoc />
    public async ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<IReadOnlyList<ApprovalLevel>> levels = LevelsOf(request);
        var waiting = new WaitingApproval(request, levels);
        lock (_gate)
        {
            if (_waiting.Count >= _options.MaxPending)
            {
                throw new InvalidOperationException($"More than {_options.MaxPending} requests wait for approval.");
            }

            _waiting.Add(request.Id, waiting);
        }

        TimeSpan each = (request.ExpiresAt - _clock.GetUtcNow()) / levels.Count;
        try
        {
            Requested?.Invoke(this, new PendingApprovalEventArgs(waiting.Picture));
            while (true)
            {
                try
                {
                    return await waiting.Answer.Task.WaitAsync(each > TimeSpan.Zero ? each : TimeSpan.Zero, _clock, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException) when (!waiting.IsLastLevel)
                {
                    PendingApproval picture;
                    lock (_gate)
                    {
                        waiting.GoOn();
                        picture = waiting.Picture;
                    }

                    Requested?.Invoke(this, new PendingApprovalEventArgs(picture));
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _waiting.Remove(request.Id);
            }
        }
    }

    private bool TryAnswer(string id, ClaimsPrincipal approver, string? comment, bool approves)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(approver);
        if (approver.Identity is not { IsAuthenticated: true, Name: { } name } || string.IsNullOrWhiteSpace(name))
        {
            return false;
        }

        lock (_gate)
        {
            if (!_waiting.TryGetValue(id, out WaitingApproval? waiting) || waiting.Answer.Task.IsCompleted || IsSelf(waiting.Request.Principal, name)
                || !waiting.Admits(approver, name) || waiting.HasApproved(name))
            {
                return false;
            }

            if (!approves)
            {
                return waiting.Answer.TrySetResult(waiting.Request.Reject(name, comment));
            }

            return !waiting.Approve(approver, name) || waiting.Answer.TrySetResult(waiting.Request.Approve(waiting.ApprovedBy, comment));
        }
    }

    internal static bool IsSelf(Principal principal, string name) =>
        string.Equals(principal.Agent.Value, name, StringComparison.OrdinalIgnoreCase) || string.Equals(principal.User, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The parts of each level that all have to be satisfied.</summary>
    private IReadOnlyList<IReadOnlyList<ApprovalLevel>> LevelsOf(ApprovalRequest request) => _options.Levels?.Invoke(request) is { Count: > 0 } own
        ? [.. own.Select(level => (IReadOnlyList<ApprovalLevel>)[level])]
        : [[.. request.Escalations.Select(escalation => new ApprovalLevel(escalation.Verdict.Detail?.Approvers ?? []))]];
}
