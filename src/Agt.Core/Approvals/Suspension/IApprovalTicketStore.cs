namespace Agt.Approvals;

/// <summary>
/// Remembers which tickets are open, for all processes that suspend and resume. Implementations are thread-safe, bounded, and sure of one thing: of all who redeem a ticket, in whatever process,
/// exactly one does.
/// </summary>
public interface IApprovalTicketStore
{
    /// <summary>Opens a ticket.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="cancellationToken">Cancelled when the request is given up.</param>
    /// <exception cref="InvalidOperationException">There is one with this id, or there is no room.</exception>
    ValueTask OpenAsync(OpenApprovalTicket ticket, CancellationToken cancellationToken = default);

    /// <summary>Finds a ticket that was opened; null if there is none, or it was redeemed.</summary>
    /// <param name="id">The ticket's id. It comes from outside: anything that is no Guid in the form <c>D</c> finds nothing.</param>
    /// <param name="cancellationToken">Cancelled when the request is given up.</param>
    ValueTask<OpenApprovalTicket?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Uses a ticket up.</summary>
    /// <param name="id">The ticket's id.</param>
    /// <param name="cancellationToken">Cancelled when the request is given up.</param>
    /// <returns>True for the first one who asks, once; false for everyone else, and if there is no such ticket.</returns>
    ValueTask<bool> TryRedeemAsync(string id, CancellationToken cancellationToken = default);
}
