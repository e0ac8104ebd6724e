using System.Globalization;
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

    // Registered before the policy, so that it comes before the rules; what a rule changes in the arguments runs this stage again.
    public InterceptorStage Stage => InterceptorStage.Policy;

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

        var input = new PolicyInput(context.Template, context.Payload)
        {
            Point = context.Point,
            Facets = context.Facets,
            Session = context.Session,
            IsPrincipalVerified = context.IsPrincipalVerified,
            TrustScore = context.TrustScore,
        };
        foreach ((Capability capability, FacetSource? resource) in needs.All)
        {
            string? named = resource is null ? null : NameOf(resource.Read(context.Payload));
            if (!_registry.IsGranted(context.Template.Principal.Agent, capability, named, in input, out HeldGrant? held))
            {
                return Denied(CapabilityRegistry.Explain(capability, held), held?.Grant.Id);
            }
        }

        return default;
    }

    /// <summary>A resource by text or number; 7 and 7.0 are the same one.</summary>
    private static string? NameOf(GovernedValue value) =>
        value.AsString() ?? (decimal.TryParse(value.NumberText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number.ToString("0.############################", CultureInfo.InvariantCulture) : null);

    private Needs NeedsOf(ActionTemplate template)
    {
        string tool = template.Tool?.Name ?? string.Empty;
        return new Needs([.. _options.Required.Where(required => required.Tools.IsMatch(tool)).Select(required => (required.Capability, required.Resource))]);
    }

    private static Verdict Denied(string explanation, string? grant) => new(VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = explanation, Rule = grant });

    private sealed record Needs((Capability Capability, FacetSource? Resource)[] All);
}
