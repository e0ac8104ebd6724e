using Agt.Policy;
using Agt.Values;

namespace Agt.Cli;

/// <summary>One action as a line of input describes it (<c>schemas/action.v1.schema.json</c>).</summary>
internal sealed record ActionInput
{
    internal required ActionTemplate Template { get; init; }

    internal required InterventionPoint Point { get; init; }

    /// <summary>What the caller calls the action; repeated in the decision.</summary>
    internal string? Id { get; init; }

    internal GovernedValue Payload { get; init; }

    internal GovernedValue Output { get; init; }

    internal GovernedValue Facets { get; init; }

    internal PolicySessionFacts? Session { get; init; }

    internal DateTimeOffset? Timestamp { get; init; }

    internal bool IsPrincipalVerified { get; init; }

    internal int? TrustScore { get; init; }

    internal PolicyInput ToPolicyInput() => new(Template, Payload)
    {
        Point = Point,
        Output = Output,
        Facets = Facets,
        SessionFacts = Session,
        IsPrincipalVerified = IsPrincipalVerified,
        TrustScore = TrustScore,
    };
}
