using Agt.Policy.Facets;
using Agt.Values;

namespace Agt.Policy.Capabilities;

/// <summary>Denies calls of tools whose capabilities the agent has not been granted. Comes before the rules (spec 01, section 5.5). Thread-safe.</summary>
internal sealed class CapabilityInterceptor : IInterceptor
{
    private readonly CapabilityRegistry _registry;
    private readonly CapabilityOptions _options;
    private readonly Func<CapabilityInterceptor, ActionTemplate, object> _needsOf = static (self, template) => self.NeedsOf(template);

    internal CapabilityInterceptor(CapabilityRegistry registry, CapabilityOptions options)
    {
        _registry = registry;
        _options = options;
    }

    /// <summary>The code of a denial.</summary>
    internal static ReasonCode Reason { get; } = new("policy:capability_denied", DenialCategory.NotAllowedTool, "Tool not permitted by governance policy.");

    public string Name => "capabilities";

    // Registered before the policy, it comes before the rules; behind Identity in any case.
    public InterceptorStage Stage => InterceptorStage.Identity;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context));

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context));

    private Verdict Decide(OperationContext context)
    {
        if (context.Point != InterventionPoint.PreToolCall)
        {
            return default;
        }

        var needs = (Needs)context.Template.GetOrAddPlan(this, _needsOf);
        if (needs.All.Length == 0)
        {
            return _options.AllowOtherTools ? default : Denied("No capability is named for this tool.", null);
        }

        AgentId agent = context.Template.Principal.Agent;
        foreach ((Capability capability, FacetSource? resource) in needs.All)
        {
            GovernedValue named = resource is null ? default : resource.Read(context.Payload);
            CapabilityDecision decision = _registry.Check(agent, capability, named.AsString() ?? named.NumberText(), context.Payload);
            if (!decision.IsGranted)
            {
                return Denied(decision.Explanation, decision.Grant?.Id);
            }
        }

        return default;
    }

    private Needs NeedsOf(ActionTemplate template)
    {
        string tool = template.Tool?.Name ?? string.Empty;
        return new Needs([.. _options.Required.Where(required => required.Tools.IsMatch(tool)).Select(required => (required.Capability, required.Resource))]);
    }

    private static Verdict Denied(string explanation, string? grant) => new(VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = explanation, Rule = grant });

    private sealed record Needs((Capability Capability, FacetSource? Resource)[] All);
}
