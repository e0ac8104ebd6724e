namespace Agt.Policy.Limits;

/// <summary>The budgets of sessions as figures that can be shown (POL-215). The chain holds them itself, whether anyone looks or not. Thread-safe.</summary>
public static class SessionBudgets
{
    /// <summary>What a session has used of its tokens, tool calls and model calls, in this order, whether bounded or not.</summary>
    /// <param name="session">The session.</param>
    public static IReadOnlyList<BudgetUse> UseOf(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return
        [
            new BudgetUse("tokens", session.Tokens, session.Limits.MaxTokens),
            new BudgetUse("tool_calls", session.ToolCalls, session.Limits.MaxToolCalls),
            new BudgetUse("model_calls", session.ModelCalls, session.Limits.MaxModelCalls),
        ];
    }

    /// <summary>Those budgets of a session that are exceeded; none while all is well. Calls are refused before they exceed theirs; tokens are known only afterwards.</summary>
    /// <param name="session">The session.</param>
    public static IReadOnlyList<BudgetUse> ExceededBy(GovernanceSession session) => [.. UseOf(session).Where(use => use.IsExceeded)];
}
