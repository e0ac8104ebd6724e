namespace Agt.Compliance.Engine;

/// <summary>An action that broke a control, as it was recorded in the log (spec 09, CMP-009). Immutable.</summary>
/// <param name="Id">Its id, unique.</param>
/// <param name="ControlId">The control.</param>
/// <param name="Framework">Its framework.</param>
/// <param name="Agent">The agent.</param>
/// <param name="ActionType">The type of action.</param>
/// <param name="Description">What was wrong.</param>
/// <param name="OccurredAt">When.</param>
public sealed record ComplianceViolation(string Id, string ControlId, string Framework, string Agent, string ActionType, string Description, DateTimeOffset OccurredAt)
{
    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c> or <c>info</c>.</summary>
    public string Severity { get; init; } = "medium";

    /// <summary>What was found, as text by name.</summary>
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();

    /// <summary>The index of the record that says so; null before it is durable.</summary>
    public long? Index { get; init; }

    /// <summary>Whether it was remediated.</summary>
    public bool Remediated { get; init; }

    /// <summary>When, or null.</summary>
    public DateTimeOffset? RemediatedAt { get; init; }

    /// <summary>What was done, or null.</summary>
    public string? Notes { get; init; }
}
