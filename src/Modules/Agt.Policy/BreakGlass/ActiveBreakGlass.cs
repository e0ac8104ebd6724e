using System.Runtime.CompilerServices;

namespace Agt.Policy.BreakGlass;

/// <summary>A grant that was accepted. Immutable but for its sets without what it lifts; thread-safe.</summary>
internal sealed class ActiveBreakGlass(BreakGlassGrant grant, string[] signers)
{
    private readonly ConditionalWeakTable<CompiledPolicySet, CompiledPolicySet> _sets = [];

    internal BreakGlassGrant Grant => grant;

    internal IReadOnlyList<string> Signers => signers;

    /// <summary>Whether it is for an action. Nobody profits from what they signed themselves.</summary>
    internal bool IsFor(ActionTemplate template, GovernanceSession session, DateTimeOffset now) =>
        now >= grant.NotBefore && now < grant.ExpiresAt
        && grant.Agents.Contains(template.Principal.Agent)
        && template.Tool is { } tool && grant.Tools.Contains(tool.Name, StringComparer.Ordinal)
        && (grant.Session is null || grant.Session == session.Id.Value)
        && !signers.Contains(template.Principal.User, StringComparer.OrdinalIgnoreCase);

    /// <summary>The set without what the grant lifts.</summary>
    internal CompiledPolicySet Without(CompiledPolicySet set) => _sets.GetValue(set, whole => whole.Without(grant.Lifts));
}
