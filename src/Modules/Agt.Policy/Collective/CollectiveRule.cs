using System.ComponentModel.DataAnnotations;

namespace Agt.Policy.Collective;

/// <summary>
/// A bound on what all agents of this process do together within a window, such as the sum of all refunds of an hour, whoever issues them (spec 01, POL-252). An action that would bring
/// the aggregate to the threshold is refused; an action that does not match never is.
/// </summary>
public sealed record CollectiveRule
{
    /// <summary>Its name, for records; unique.</summary>
    [Required]
    public required string Name { get; init; }

    /// <summary>Which tool calls count, in the language of policy conditions. Default: all.</summary>
    public string Condition { get; init; } = "true";

    /// <summary>What is computed. Default <see cref="CollectiveAggregate.Count"/>.</summary>
    public CollectiveAggregate Aggregate { get; init; }

    /// <summary>Where the number of <see cref="CollectiveAggregate.Sum"/> and <see cref="CollectiveAggregate.Max"/> stands, such as <c>args.amount</c>; null for the others.</summary>
    public string? Value { get; init; }

    /// <summary>The aggregate that is too much: reaching it is refused. More than 0.</summary>
    [Range(double.Epsilon, double.MaxValue)]
    public required double Threshold { get; init; }

    /// <summary>How long an action counts. More than zero; default 60 seconds.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True to ask a person instead of refusing. Default false.</summary>
    public bool RequireApproval { get; init; }
}
