using Agt.Policy;
using Agt.Policy.RateLimits;

namespace Agt.Cli;

/// <summary>Decides actions one after another as a host with these policies would, except that sessions are what the actions say of them. Not thread-safe.</summary>
internal sealed class ActionDecider
{
    private readonly PolicyEvaluator _evaluator;
    private readonly ActionClock _clock;
    private readonly SessionLimits? _limits;

    internal ActionDecider(CompiledPolicySet set, ClockMode mode, TimeProvider time, int rateLimitKeys = MemoryRateLimitStore.DefaultCapacity)
    {
        _clock = new ActionClock(mode, time);
        _evaluator = new PolicyEvaluator(set, new MemoryRateLimitStore(_clock, rateLimitKeys));
        _limits = set.SessionLimits;
    }

    /// <exception cref="ActionFormatException">The action lacks a timestamp that the clock needs.</exception>
    internal Verdict Decide(ActionInput action)
    {
        _clock.MoveTo(action.Timestamp);
        if (SpentLimit(action) is { } reason)
        {
            return Verdict.Deny(reason, "The session has used up what the policies let it use (limits).");
        }

        try
        {
            return _evaluator.Evaluate(action.Bare());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Verdict.Deny(ReasonCodes.PolicyEvaluationError, "The evaluation failed: " + exception.GetType().Name);
        }
    }

    private ReasonCode? SpentLimit(ActionInput action)
    {
        if (_limits is null || action.Session is not { } session)
        {
            return null;
        }

        return action.Point switch
        {
            InterventionPoint.PreToolCall when session.ToolCalls >= _limits.MaxToolCalls => ReasonCodes.MaxToolCalls,
            InterventionPoint.PreModelCall when session.ModelCalls >= _limits.MaxModelCalls => ReasonCodes.MaxModelCalls,
            InterventionPoint.PreModelCall when session.Tokens >= _limits.MaxTokens => ReasonCodes.MaxTokens,
            _ => null,
        };
    }
}
