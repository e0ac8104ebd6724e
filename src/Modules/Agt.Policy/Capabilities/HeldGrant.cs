using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using Agt.Values;

namespace Agt.Policy.Capabilities;

/// <summary>A grant or denial with its condition compiled. Immutable.</summary>
internal sealed class HeldGrant
{
    private readonly CompiledPolicySet? _condition;

    /// <exception cref="ArgumentException">The condition cannot be read.</exception>
    internal HeldGrant(CapabilityGrant grant, bool isDenial)
    {
        Grant = grant;
        IsDenial = isDenial;
        if (grant.Condition is { } text)
        {
            try
            {
                ConditionNode condition = ConditionParser.Parse(text, ConditionLimits.Default, new PatternCache());
                ConditionChecker.Check(condition);
                _condition = PolicySet.Compile([DocumentFor(grant.Id, text, condition)]);
            }
            catch (ConditionException exception)
            {
                throw new ArgumentException($"The condition '{text}' cannot be read: {exception.Message} {exception.Fix}", nameof(grant), exception);
            }
        }
    }

    internal CapabilityGrant Grant { get; }

    internal bool IsDenial { get; }

    /// <summary>Whether it says something about a request. A denial whose condition cannot be evaluated holds; a grant does not.</summary>
    internal bool Applies(Capability request, string? resourceId, GovernedValue arguments, DateTimeOffset now)
    {
        if (Grant.ExpiresAt <= now || !(IsDenial ? Grant.Capability.Overlaps(request) : Grant.Capability.Covers(request)))
        {
            return false;
        }

        if (Grant.ResourceIds is { } ids && !(IsDenial ? resourceId is null || ids.Contains(resourceId) : resourceId is not null && ids.Contains(resourceId)))
        {
            return false;
        }

        if (_condition is null)
        {
            return true;
        }

        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(Grant.Grantee), new ToolIdentity("capability"), "capability");
        var input = new PolicyInput(template, arguments);
        Verdict verdict = _condition.Evaluate(in input);
        return verdict.Outcome != VerdictOutcome.Deny || (IsDenial && verdict.Detail?.Reason == ReasonCodes.PolicyEvaluationError);
    }

    private static PolicyDocument DocumentFor(string id, string text, ConditionNode condition) => new("capability." + id, "capability grant", Digest.Of(System.Text.Encoding.UTF8.GetBytes(text)))
    {
        Rules = [new PolicyRule { Name = id, Position = default, Condition = condition, Effect = RuleEffect.Allow, Points = [InterventionPoint.PreToolCall] }],
    };
}
