namespace Agt.Approvals;

/// <summary>How actions are suspended until a person has answered. Read once, when the host starts.</summary>
public sealed class ApprovalSuspensionOptions
{
    /// <summary>The keys of the tickets, 1 to 16: the first one seals, all of them count. To change keys, put the new one first and keep the old one for as long as its tickets live.</summary>
    public IList<ApprovalTicketKey> Keys { get; } = [];

    /// <summary>How long a ticket counts, 1 second to 7 days. Default 15 minutes (spec 08, ADP-113).</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Which tickets are open. Must be set, and shared by all processes that suspend and resume: <see cref="FileApprovalTicketStore"/>, or a store of the host's.</summary>
    public IApprovalTicketStore? Store { get; set; }

    /// <summary>Is given every action that was suspended, to keep its ticket and ask a person. What it throws denies the action as one that nobody could be asked about.</summary>
    public Func<SuspendedApproval, CancellationToken, ValueTask>? OnSuspended { get; set; }

    /// <exception cref="ArgumentException">Something is missing or out of range.</exception>
    internal void Check()
    {
        if (Keys.Count is < 1 or > 16 || Keys.Any(key => key is null))
        {
            throw new ArgumentException("Suspended approvals: Keys must have 1 to 16 keys.");
        }

        if (Lifetime < TimeSpan.FromSeconds(1) || Lifetime > TimeSpan.FromDays(7))
        {
            throw new ArgumentException("Suspended approvals: Lifetime must be between 1 second and 7 days.");
        }

        if (Store is null || OnSuspended is null)
        {
            throw new ArgumentException("Suspended approvals: Store and OnSuspended must be set; without them nobody would be asked.");
        }
    }
}
