using System.Collections.Frozen;
using Agt.Policy.Compilation;
using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Policy.Validation;
using Agt.Values;

namespace Agt.Policy.Capabilities;

/// <summary>A grant or denial with its condition compiled. Immutable.</summary>
internal sealed class HeldGrant
{
    private readonly CompiledPolicySet? _condition;
    private readonly FieldPath[] _needed = [];
    private readonly FrozenSet<string>? _resources;

    /// <exception cref="ArgumentException">The condition cannot be read.</exception>
    internal HeldGrant(CapabilityGrant grant, bool isDenial)
    {
        Grant = grant;
        IsDenial = isDenial;

        // The caller's set may change later.
        _resources = grant.ResourceIds?.ToFrozenSet(StringComparer.Ordinal);
        if (grant.Condition is { } text)
        {
            try
            {
                ConditionNode condition = ConditionParser.Parse(text, ConditionLimits.Default, new PatternCache());
                ConditionChecker.Check(condition);
                _needed = [.. ConditionPaths.Of(condition).Select(path => FieldPath.Bind(path, InterventionPoint.PreToolCall)).Where(path => path.Root is FieldRoot.Payload or FieldRoot.Named)];
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

    /// <summary>Whether it says something about a request. A denial whose condition cannot be evaluated holds; a grant does not, nor one whose condition reads an argument that is missing.</summary>
    internal bool Applies(Capability request, string? resourceId, ref readonly PolicyInput input, DateTimeOffset now)
    {
        if (Grant.ExpiresAt <= now || !(IsDenial ? Grant.Capability.Overlaps(request) : Grant.Capability.Covers(request)))
        {
            return false;
        }

        if (_resources is not null && !(IsDenial ? resourceId is null || _resources.Contains(resourceId) : resourceId is not null && _resources.Contains(resourceId)))
        {
            return false;
        }

        if (Grant.Arguments is { } schema && !(IsDenial ? schema.MayHold(input.Payload) : schema.HasAll(input.Payload) && schema.IsValid(input.Payload)))
        {
            return false;
        }

        if (_condition is null)
        {
            return true;
        }

        if (!IsDenial)
        {
            foreach (FieldPath path in _needed)
            {
                if (path.Read(in input).IsAbsentOrNull)
                {
                    return false;
                }
            }
        }

        Verdict verdict = _condition.Evaluate(in input);
        return verdict.Outcome != VerdictOutcome.Deny || (IsDenial && verdict.Detail?.Reason == ReasonCodes.PolicyEvaluationError);
    }

    private static PolicyDocument DocumentFor(string id, string text, ConditionNode condition) => new("capability." + id, "capability grant", Digest.Of(System.Text.Encoding.UTF8.GetBytes(text)))
    {
        Rules = [new PolicyRule { Name = id, Position = default, Condition = condition, Effect = RuleEffect.Allow, Points = [InterventionPoint.PreToolCall] }],
    };
}
