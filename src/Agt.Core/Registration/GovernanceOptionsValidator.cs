using Microsoft.Extensions.Options;

namespace Agt;

internal sealed class GovernanceOptionsValidator : IValidateOptions<GovernanceOptions>
{
    public ValidateOptionsResult Validate(string? name, GovernanceOptions options)
    {
        var failures = new List<string>();
        Check(Enum.IsDefined(options.Mode), "Mode must be Enforce or EvaluateOnly.");
        Check(options.EvaluationTimeout >= TimeSpan.FromMilliseconds(1) && options.EvaluationTimeout <= TimeSpan.FromMinutes(10),
            "EvaluationTimeout must be between 1 ms and 10 minutes.");
        Check(options.ApprovalTimeout >= TimeSpan.FromSeconds(1) && options.ApprovalTimeout <= TimeSpan.FromHours(24),
            "ApprovalTimeout must be between 1 second and 24 hours.");
        Check(options.SessionIdleTimeout >= TimeSpan.FromSeconds(1) && options.SessionIdleTimeout <= TimeSpan.FromDays(30),
            "SessionIdleTimeout must be between 1 second and 30 days.");
        Check(options.MaxApprovalsPerMinute is null or (>= 1 and <= 100_000), "MaxApprovalsPerMinute must be between 1 and 100,000, or null.");
        Check(options.MaxSessions is >= 1 and <= 10_000_000, "MaxSessions must be between 1 and 10,000,000.");
        Check(options.MaxStoppedActions is >= 1 and <= 1_000_000, "MaxStoppedActions must be between 1 and 1,000,000.");
        Check(options.MaxNesting is >= 1 and <= 256, "MaxNesting must be between 1 and 256.");
        Check(options.PayloadLimits is { MaxDepth: >= 1 and <= 256, MaxValues: >= 1 and <= 1_000_000, MaxCharacters: >= 1 and <= 4_000_000 },
            "PayloadLimits must be set: MaxDepth 1 to 256, MaxValues 1 to 1,000,000, MaxCharacters 1 to 4,000,000.");
        if (options.SessionLimits is { } limits)
        {
            Check(limits.MaxToolCalls is null or >= 0, "SessionLimits.MaxToolCalls must not be negative.");
            Check(limits.MaxModelCalls is null or >= 0, "SessionLimits.MaxModelCalls must not be negative.");
            Check(limits.MaxTokens is null or > 0, "SessionLimits.MaxTokens must be positive.");
            Check(limits.Duration is null || limits.Duration > TimeSpan.Zero, "SessionLimits.Duration must be positive.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add("Governance: " + failure);
            }
        }
    }
}
