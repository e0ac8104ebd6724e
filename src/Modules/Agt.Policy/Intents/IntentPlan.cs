using Agt.Policy.Compilation;
using Agt.Policy.Documents;
using Agt.Policy.Facets;
using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using Agt.Values;

namespace Agt.Policy.Intents;

/// <summary>What one version of an intent plans, compiled. Immutable and thread-safe.</summary>
internal sealed class IntentPlan
{
    internal const int MaxActions = 1_000;
    private readonly Dictionary<string, List<CompiledPolicySet?>> _byTool = new(StringComparer.Ordinal);

    /// <exception cref="IntentException">Nothing is planned, too much, a tool has no name, or a condition cannot be read.</exception>
    internal IntentPlan(IReadOnlyList<PlannedAction> actions)
    {
        if (actions.Count is 0 or > MaxActions)
        {
            throw new IntentException($"An intent plans 1 to {MaxActions} actions, not {actions.Count}.");
        }

        Actions = [.. actions];
        foreach (PlannedAction action in Actions)
        {
            if (string.IsNullOrWhiteSpace(action?.Tool))
            {
                throw new IntentException("A planned action names no tool.");
            }

            if (!_byTool.TryGetValue(action.Tool, out List<CompiledPolicySet?>? conditions))
            {
                _byTool[action.Tool] = conditions = [];
            }

            conditions.Add(action.Condition is null ? null : Compile(action));
        }
    }

    internal IReadOnlyList<PlannedAction> Actions { get; }

    /// <summary>The first tool that another plan does not know; null if it knows them all.</summary>
    internal string? Beyond(IntentPlan other) => _byTool.Keys.FirstOrDefault(tool => !other._byTool.ContainsKey(tool));

    /// <summary>Whether a call is planned. A condition that cannot be decided plans nothing.</summary>
    internal bool Allows(OperationContext context, FacetReader facets)
    {
        if (!_byTool.TryGetValue(context.Template.Tool!.Name, out List<CompiledPolicySet?>? conditions))
        {
            return false;
        }

        foreach (CompiledPolicySet? condition in conditions)
        {
            if (condition is null || Holds(condition, context, facets))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Holds(CompiledPolicySet condition, OperationContext context, FacetReader facets)
    {
        Plan plan = condition.PlanFor(context.Template, context.Point);
        var input = new PolicyInput(context.Template, context.Payload)
        {
            Point = context.Point,
            Facets = facets.Read(context.Template, context.Payload, context.Facets, plan.Facets),
            Session = context.Session,
            IsPrincipalVerified = context.IsPrincipalVerified,
            TrustScore = context.TrustScore,
        };
        return plan.Evaluate(in input, null).Outcome != VerdictOutcome.Deny;
    }

    /// <summary>A document whose one rule allows what the condition matches, and whose default denies.</summary>
    private static CompiledPolicySet Compile(PlannedAction action)
    {
        try
        {
            ConditionNode condition = ConditionParser.Parse(action.Condition!, ConditionLimits.Default, new PatternCache());
            ConditionChecker.Check(condition);
            return PolicySet.Compile(
            [
                new PolicyDocument("intent." + action.Tool, "intent", Digest.Of(System.Text.Encoding.UTF8.GetBytes(action.Condition!)))
                {
                    DefaultAllows = false,
                    Rules = [new PolicyRule { Name = "planned", Position = default, Condition = condition, Effect = RuleEffect.Allow, Points = [InterventionPoint.PreToolCall] }],
                },
            ]);
        }
        catch (ConditionException exception)
        {
            throw new IntentException($"The condition of {action.Tool} cannot be read: {exception.Message} {exception.Fix}");
        }
    }
}
