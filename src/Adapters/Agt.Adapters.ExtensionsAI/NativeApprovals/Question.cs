using Agt.Approvals;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>What a person was asked: the tool, the arguments as they would have run, the policies, and who wanted to know.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">The digest of the arguments after every transform.</param>
/// <param name="PolicySet">The digest of the policy set.</param>
/// <param name="Askers">Interceptor, policy, rule and reason of every verdict that escalated.</param>
internal sealed record Question(ToolIdentity Tool, Digest Arguments, Digest PolicySet, IReadOnlySet<(string, string?, string?, string)> Askers)
{
    internal static Question Of(GovernedOperation operation) => new(
        operation.Action.Template.Tool!, CanonicalJson.DigestOf(operation.Payload), operation.Decision.PolicySetDigest, AskersOf(operation.Decision.Contributions));

    /// <summary>Whether a request asks what was asked, and nothing beyond it.</summary>
    internal bool Covers(ApprovalRequest request) =>
        request.Tool is { } tool && tool.Name == Tool.Name && tool.ContentHash == Tool.ContentHash && request.PolicySetDigest == PolicySet &&
        CanonicalJson.DigestOf(request.Payload) == Arguments && AskersOf(request.Escalations).IsSubsetOf(Askers);

    private static HashSet<(string, string?, string?, string)> AskersOf(IEnumerable<Contribution> contributions) =>
    [
        .. contributions.Where(contribution => contribution.Verdict.Outcome == VerdictOutcome.Escalate).Select(contribution =>
            (contribution.Interceptor, contribution.Verdict.Detail?.Policy, contribution.Verdict.Detail?.Rule, contribution.Verdict.Detail?.Reason.Code ?? string.Empty)),
    ];
}
