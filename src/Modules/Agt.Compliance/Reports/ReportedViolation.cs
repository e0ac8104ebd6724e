namespace Agt.Compliance.Reports;

/// <summary>A violation that was recorded in the period of a report. Immutable.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Index">The index of the record that says so.</param>
/// <param name="ControlId">The control.</param>
/// <param name="Framework">Its framework.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Severity"><c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c> or <c>info</c>.</param>
/// <param name="Description">What was wrong.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Remediated">Whether it was remediated by the checkpoint of the report.</param>
public sealed record ReportedViolation(string Id, long Index, string ControlId, string Framework, string Agent, string Severity, string Description, DateTimeOffset OccurredAt, bool Remediated);
