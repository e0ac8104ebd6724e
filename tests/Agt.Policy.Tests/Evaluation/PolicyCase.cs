using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>One action to decide, as plain data.</summary>
internal sealed record PolicyCase(ActionTemplate Template, InterventionPoint Point)
{
    internal GovernedValue Payload { get; init; }

    internal GovernedValue Output { get; init; }

    internal GovernedValue Facets { get; init; }

    internal PolicySessionFacts? Session { get; init; }

    internal bool IsVerified { get; init; }

    internal int? TrustScore { get; init; }

    internal Verdict DecideBy(CompiledPolicySet set)
    {
        var input = new PolicyInput(Template, Payload)
        {
            Point = Point,
            Output = Output,
            Facets = Facets,
            SessionFacts = Session,
            IsPrincipalVerified = IsVerified,
            TrustScore = TrustScore,
        };
        return set.Evaluate(in input);
    }
}
