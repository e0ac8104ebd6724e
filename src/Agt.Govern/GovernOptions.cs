using Agt.Approvals;
using Agt.Audit;
using Agt.Policy.Advice;
using Agt.Values;

namespace Agt;

/// <summary>How a function is governed. Not thread-safe; settled before the function is made.</summary>
/// <typeparam name="TResult">What the function returns.</typeparam>
public sealed class GovernOptions<TResult>
{
    /// <summary>Who calls. Default <c>governed-function</c>.</summary>
    public AgentId Agent { get; set; } = AgentId.Parse("governed-function");

    /// <summary>What the function does, for rules about information flow. Default none.</summary>
    public ToolEffects Effects { get; set; }

    /// <summary>What is returned instead of a result when a call is denied, or its result withheld; null (the default) throws <see cref="GovernanceDeniedException"/>.</summary>
    public Func<Decision, DecisionId, TResult>? OnDeny { get; set; }

    /// <summary>Who is asked when the policy requires approval; null for nobody, so that such calls are denied.</summary>
    public IApprovalBroker? Approvals { get; set; }

    /// <summary>Where decisions are recorded; null for memory.</summary>
    public IDecisionLog? Log { get; set; }

    /// <summary>Checks that may deny or escalate what the policy allows, and nothing else.</summary>
    public IList<IAdvisoryCheck> Checks { get; } = [];

    /// <summary>Turns arguments and results of the host's own classes into JSON; null refuses them.</summary>
    public PayloadConverter? Converter { get; set; }

    /// <summary>The clock; null for that of the system.</summary>
    public TimeProvider? Time { get; set; }

    /// <summary>Adds what else the chain is to have: capabilities, facets, interceptors.</summary>
    public Action<IGovernanceBuilder>? Configure { get; set; }
}
