using System.Globalization;
using Agt.Policy.Compilation;
using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using Agt.Values;

namespace Agt.Policy.Collective;

/// <summary>Enforces one <see cref="CollectiveRule"/>: enters an action before it runs, and takes it back if it does not. Thread-safe.</summary>
internal sealed class CollectiveInterceptor : IInterceptor
{
    private readonly CollectiveRule _rule;
    private readonly CollectiveWindow _window;
    private readonly CompiledPolicySet _matches;
    private readonly FieldPath? _value;
    private readonly Facets.FacetReader? _facets;
    private readonly Verdict _refused;
    private readonly Verdict _noNumber;

    internal CollectiveInterceptor(CollectiveRule rule, TimeProvider time, Facets.FacetReader? facets)
    {
        _rule = rule;
        _facets = facets;
        _window = new CollectiveWindow(time, rule.Aggregate, rule.Threshold, rule.Window);
        var patterns = new PatternCache();
        ConditionNode condition = ConditionParser.Parse(rule.Condition, ConditionLimits.Default, patterns);
        ConditionChecker.Check(condition);
        _matches = PolicySet.Compile([DocumentFor(rule, condition)]);
        if (rule.Value is { } path)
        {
            _value = ConditionParser.Parse(path, ConditionLimits.Default, patterns) is PathNode node
                ? FieldPath.Bind(node.Path, InterventionPoint.PreToolCall)
                : throw new ConditionException("AGTP031", 0, $"{path} is no path.", "Write a path such as args.amount.");
        }

        string explanation = $"The {rule.Aggregate} of all agents together would reach {rule.Threshold.ToString(CultureInfo.InvariantCulture)} within {rule.Window}.";
        _refused = rule.RequireApproval
            ? new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, explanation))
            : new Verdict(VerdictOutcome.Deny, Detail(Reason, explanation));
        _noNumber = new Verdict(VerdictOutcome.Deny, Detail(ReasonCodes.PolicyEvaluationError, $"There is no number of at least 0 at {rule.Value}."));
    }

    /// <summary>The code of a refusal.</summary>
    internal static ReasonCode Reason { get; } = new("policy:collective_limit", DenialCategory.RateLimited, "Rate limit exceeded.");

    public string Name => "collective." + _rule.Name;

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // Run again after a transform, it is the same action with other arguments.
        Leave(context);
        if (context.Point != InterventionPoint.PreToolCall)
        {
            return default;
        }

        Plan plan = _matches.PlanFor(context.Template, context.Point);
        GovernedValue facets = _facets is null ? context.Facets : _facets.Read(context.Template, context.Payload, context.Facets, plan.Facets);
        var input = new PolicyInput(context.Template, context.Payload)
        {
            Point = context.Point,
            Facets = facets,
            Session = context.Session,
            IsPrincipalVerified = context.IsPrincipalVerified,
            TrustScore = context.TrustScore,
        };
        Verdict matched = plan.Evaluate(in input, null);
        if (matched.Outcome == VerdictOutcome.Deny)
        {
            return matched.Detail?.Reason == ReasonCodes.PolicyEvaluationError ? new(matched) : default;
        }

        double value = 1;
        if (_value is not null
            && (!double.TryParse(_value.Read(in input).NumberText(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !double.IsFinite(value) || value < 0))
        {
            return new(_noNumber);
        }

        bool fits = _window.TryEnter(context.Template.Principal.Agent, value, _rule.RequireApproval, out LinkedListNode<CollectiveWindow.Entry>? entry);
        context.SetItem(this, entry);
        return fits ? default : new(_refused);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        if (!outcome.Executed)
        {
            Leave(context);
        }

        return default;
    }

    private void Leave(OperationContext context)
    {
        if (context.GetItem(this) is LinkedListNode<CollectiveWindow.Entry> entry)
        {
            _window.Leave(entry);
            context.SetItem(this, null);
        }
    }

    private VerdictDetail Detail(ReasonCode reason, string explanation) => new(reason) { Explanation = explanation, Rule = _rule.Name };

    /// <summary>A document whose one rule allows what the condition matches, and whose default denies: its verdict is whether the action counts.</summary>
    private static PolicyDocument DocumentFor(CollectiveRule rule, ConditionNode condition) => new("collective." + rule.Name, "collective rule", Digest.Of(System.Text.Encoding.UTF8.GetBytes(rule.Condition)))
    {
        DefaultAllows = false,
        Rules =
        [
            new PolicyRule { Name = rule.Name, Position = default, Condition = condition, Effect = RuleEffect.Allow, Points = [InterventionPoint.PreToolCall] },
        ],
    };
}
