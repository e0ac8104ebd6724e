namespace Agt.Approvals;

/// <summary>Who is asked at one step of a chain, and how many of them have to agree. Immutable.</summary>
public sealed record ApprovalLevel
{
    /// <summary>Describes a level.</summary>
    /// <param name="approvers">Names or roles of those who may answer; none for everyone who is authenticated.</param>
    /// <param name="required">How many different people have to approve, 1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public ApprovalLevel(IEnumerable<string> approvers, int required = 1)
    {
        ArgumentNullException.ThrowIfNull(approvers);
        ArgumentOutOfRangeException.ThrowIfLessThan(required, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(required, 100);
        Approvers = [.. approvers];
        Required = required;
    }

    /// <summary>Names or roles of those who may answer; empty for everyone who is authenticated.</summary>
    public IReadOnlyList<string> Approvers { get; }

    /// <summary>How many different people have to approve.</summary>
    public int Required { get; }
}
