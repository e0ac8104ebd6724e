namespace Agt.Cli.Backtest;

/// <summary>A decision record as the action it was about, and what was decided then.</summary>
internal sealed record RecordedAction(ActionInput Action, string Agent, string What, bool WasAllowed, string? Approver, string? Rule, string ReasonCode);
