using Agt.Policy.Compilation;
using Agt.Policy.Folders;
using Agt.Policy.InformationFlow;
using Agt.Values;

namespace Agt.Policy;

/// <summary>
/// A set of policy documents, compiled. What depends only on the kind of an action is worked out once and remembered beside its <see cref="ActionTemplate"/>;
/// evaluating a known kind takes no lock and allocates nothing.
/// </summary>
/// <remarks>Immutable and thread-safe. Make one with <see cref="PolicySet.Compile"/>. What the rules mean together is described in <c>docs/policy-semantics.md</c>.</remarks>
public sealed class CompiledPolicySet : IPolicySnapshot
{
    private static readonly Func<CompiledPolicySet, ActionTemplate, object> MakePlans = static (set, template) => new TemplatePlans(set, template);

    private readonly PolicyViews _views;

    internal CompiledPolicySet(PolicyViews views, IReadOnlyList<PolicySummary> policies, Digest digest, long generation, SessionLimits? limits, IReadOnlyList<PolicyDocument> documents, PolicyCompileOptions options)
    {
        Documents = documents;
        Options = options;
        _views = views;
        Policies = policies;
        SetDigest = digest;
        Generation = generation;
        SessionLimits = limits;
    }

    /// <inheritdoc />
    public Digest SetDigest { get; }

    /// <inheritdoc />
    public long Generation { get; }

    /// <inheritdoc />
    /// <remarks>The tightest of all documents, whichever agents they are for.</remarks>
    public SessionLimits? SessionLimits { get; }

    /// <inheritdoc />
    public IReadOnlyDictionary<string, SessionAttributeDefinition> SessionAttributes { get; internal init; } = System.Collections.Frozen.FrozenDictionary<string, SessionAttributeDefinition>.Empty;

    /// <summary>The documents of the set, in order.</summary>
    public IReadOnlyList<PolicySummary> Policies { get; }

    /// <summary>
    /// Decides an action without taking anything from rate limits: a rule that limits counts as admitted. For tests, analysis and dry runs;
    /// <see cref="PolicyInterceptor"/> is what enforces.
    /// </summary>
    /// <param name="input">The action.</param>
    public Verdict Evaluate(in PolicyInput input) => For(input.Payload, input.Facets, out Verdict refusal) is { } set ? set.PlanFor(input.Template, input.Point).Evaluate(in input, null) : refusal;

    /// <summary>The set that holds for an action: that of the folder it is about, or this one; null if <paramref name="refusal"/> is the verdict (POL-097).</summary>
    internal CompiledPolicySet? For(GovernedValue payload, GovernedValue facets, out Verdict refusal)
    {
        refusal = default;
        return Folders is null ? this : Folders.Find(payload, facets, out refusal);
    }

    /// <summary>This set without some rules, named <c>POLICY/RULE</c>, or the default or list of tools of a policy. Digest and generation stay those of the whole.</summary>
    internal CompiledPolicySet Without(IReadOnlyList<string> lifted)
    {
        var names = lifted.ToHashSet(StringComparer.Ordinal);
        CompiledPolicySet less = PolicySet.Compile(
            Documents.Select(document => document.With(
                [.. document.Rules.Where(rule => !names.Contains($"{document.Name}/{rule.Name}"))],
                document.DefaultAllows || names.Contains($"{document.Name}/{BreakGlass.BreakGlassGrant.DefaultDeny}"),
                names.Contains($"{document.Name}/{BreakGlass.BreakGlassGrant.ToolAllowlist}") ? null : document.ToolAllowlist)),
            Options);
        return new CompiledPolicySet(less._views, Policies, SetDigest, Generation, SessionLimits, less.Documents, Options) { SessionAttributes = SessionAttributes, InformationFlow = InformationFlow };
    }

    /// <summary>What the documents say under <c>information_flow</c>.</summary>
    internal InformationFlowSet InformationFlow { get; init; } = InformationFlowSet.None;

    internal IReadOnlyList<PolicyDocument> Documents { get; }

    internal PolicyCompileOptions Options { get; }

    /// <summary>Decides, and says why: every rule that was considered, with the values that decided. Slower than <see cref="Evaluate"/> by orders of magnitude; rate limits are not counted.</summary>
    /// <param name="input">The action.</param>
    public PolicyExplanation Explain(in PolicyInput input) => Explainer.Explain(this, in input);

    /// <summary>The policies of folders, of which this set holds where no path is given; null for none.</summary>
    internal FolderPolicies? Folders { get; private init; }

    /// <summary>The tree that this set is a chain of; null for none.</summary>
    internal FolderPolicies? Home { get; private init; }

    /// <summary>This set as a chain of a tree.</summary>
    internal CompiledPolicySet In(FolderPolicies home) => new(_views, Policies, SetDigest, Generation, SessionLimits, Documents, Options) { SessionAttributes = SessionAttributes, InformationFlow = InformationFlow, Home = home };

    /// <summary>This set with the policies of a tree; what is said of the whole covers all of them.</summary>
    internal CompiledPolicySet With(
        FolderPolicies folders, IReadOnlyList<PolicySummary> policies, Digest digest, SessionLimits? limits, IReadOnlyDictionary<string, SessionAttributeDefinition> attributes, InformationFlowSet flow) =>
        new(_views, policies, digest, Generation, limits, Documents, Options) { SessionAttributes = attributes, InformationFlow = flow, Folders = folders };

    internal Plan PlanFor(ActionTemplate template, InterventionPoint point)
    {
        TemplatePlans plans = Home is null ? (TemplatePlans)template.GetOrAddPlan(this, MakePlans) : Home.PlansOf(this, template);
        return plans.At(point);
    }

    internal Plan MakePlan(ActionTemplate template, InterventionPoint point) => _views.For(template.Principal.Agent.Value).PlanFor(template, point);
}
