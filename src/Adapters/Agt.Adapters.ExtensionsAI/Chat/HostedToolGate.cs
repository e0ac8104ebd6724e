using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>Keeps tools that the provider runs itself out of model calls unless a rule speaks for them.</summary>
internal static class HostedToolGate
{
    /// <summary>Why a request is refused before anybody is asked.</summary>
    internal static ReasonCode? Check(ChatOptions? options, HostedTools mode) => mode == HostedTools.Deny && OffersHosted(options) ? ReasonCodes.ToolNotAllowed : null;

    /// <summary>Why a request is refused although it was allowed: nobody spoke for the tools.</summary>
    internal static ReasonCode? Check(ChatOptions? options, Decision decision) => decision.IsEnforced && OffersHosted(options) && !HasRule(decision) ? ReasonCodes.ToolNotAllowed : null;

    private static bool OffersHosted(ChatOptions? options) => options?.Tools is { } tools && tools.Any(tool => tool is not AIFunctionDeclaration);

    private static bool HasRule(Decision decision)
    {
        foreach (Contribution contribution in decision.Contributions)
        {
            if (contribution.Verdict.Outcome <= VerdictOutcome.Warn && contribution.Verdict.Detail is { Rule: not null })
            {
                return true;
            }
        }

        return false;
    }
}
