using System.Security.Claims;
using System.Security.Cryptography;

namespace Agt.Approvals;

/// <summary>
/// Suspends actions that need a person's word, and resumes them later, in this process or another one (spec 08, ADP-110, ADP-113, ADP-115). As the host's broker it denies the action with
/// <see cref="ReasonCodes.ApprovalRequired"/> and hands the host a sealed ticket. To resume, the host makes the same action again, in a session of the same id, with
/// <see cref="GovernedAction.Approver"/> set to what <see cref="Resume(string, ClaimsPrincipal, bool, string?)"/> gives: it is decided on afresh, by the policy of that time, and a denial wins.
/// </summary>
/// <remarks>
/// A ticket counts once, until it expires, for the very action, session and principal that were asked about. Results that need a person's word cannot be suspended: they are withheld. Thread-safe.
/// </remarks>
public sealed class ApprovalSuspension : IApprovalBroker
{
    private readonly ApprovalTicketSealer[] _sealers;
    private readonly IApprovalTicketStore _store;
    private readonly Func<SuspendedApproval, CancellationToken, ValueTask> _onSuspended;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _clock;

    /// <summary>Makes a broker.</summary>
    /// <param name="options">How; read now.</param>
    /// <param name="clock">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentException">Something is missing or out of range.</exception>
    public ApprovalSuspension(ApprovalSuspensionOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _sealers = [.. options.Keys.Select(key => new ApprovalTicketSealer(key.Bytes))];
        _store = options.Store!;
        _onSuspended = options.OnSuspended!;
        _lifetime = options.Lifetime;
        _clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public async ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.IsAboutResult)
        {
            throw new NotSupportedException("A result cannot be suspended: it is withheld.");
        }

        string id = Guid.CreateVersion7(_clock.GetUtcNow()).ToString("D");
        DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds((_clock.GetUtcNow() + _lifetime).ToUnixTimeSeconds());
        string ticket = _sealers[0].Seal(id, request.ActionDigest, request.Session, expiresAt, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        await _store.OpenAsync(new OpenApprovalTicket(id, request.ActionDigest, request.Session, request.Principal, expiresAt), cancellationToken).ConfigureAwait(false);
        try
        {
            await _onSuspended(new SuspendedApproval(request, ticket, expiresAt), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Nobody has it, so nobody should be able to use it.
            await _store.TryRedeemAsync(id, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return ApprovalResponse.Suspended;
    }

    /// <summary>A person's answer, to be set as <see cref="GovernedAction.Approver"/> of the action that is made again.</summary>
    /// <param name="ticket">The ticket, as it came back. It may come from anywhere.</param>
    /// <param name="approver">Who answers: authenticated, with a name, and among those whom the rule wants to be asked.</param>
    /// <param name="isApproved">Whether the action may run. A refusal uses the ticket up as well, once the action is decided on.</param>
    /// <param name="comment">Why, for the record.</param>
    public IApprovalBroker Resume(string ticket, ClaimsPrincipal approver, bool isApproved = true, string? comment = null)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(approver);
        return new ResumedApproval(this, ticket, [approver], isApproved, comment);
    }

    /// <summary>The answer of several people, each of whom approves; for rules that several have to agree to.</summary>
    /// <param name="ticket">The ticket, as it came back.</param>
    /// <param name="approvers">Who approves: authenticated, with different names.</param>
    public IApprovalBroker Resume(string ticket, IReadOnlyCollection<ClaimsPrincipal> approvers)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(approvers);
        return new ResumedApproval(this, ticket, [.. approvers], true, null);
    }

    /// <summary>Whether a ticket was sealed with one of the keys, counts for this very request, and has not been used; uses it up.</summary>
    internal async ValueTask<bool> TryRedeemAsync(string ticket, ApprovalRequest request, CancellationToken cancellationToken)
    {
        if (!Array.Exists(_sealers, sealer => sealer.IsGenuine(ticket)) || ApprovalTicketSealer.IdOf(ticket) is not { } id ||
            await _store.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } open)
        {
            return false;
        }

        // The record is what was asked; the seal says that this very ticket was given out for it.
        bool fits = open.ActionDigest == request.ActionDigest && open.Session == request.Session && open.Principal == request.Principal &&
            ApprovalTicketSealer.Says(ticket, open) && _clock.GetUtcNow() < open.ExpiresAt;
        return fits && await _store.TryRedeemAsync(id, cancellationToken).ConfigureAwait(false);
    }
}
