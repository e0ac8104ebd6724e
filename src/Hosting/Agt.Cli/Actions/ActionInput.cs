using Agt.Policy;
using Agt.Policy.Facets;
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

    /// <summary>With the facts that are read out of the arguments, all of them.</summary>
    /// <exception cref="FormatException">An argument is not what a fact is read from.</exception>
    internal PolicyInput ToPolicyInput() => Bare() with { Facets = new FacetReader(new FacetOptions()).Read(Template, Payload, Facets) };

    /// <summary>As it was given.</summary>
    internal PolicyInput Bare() => new(Template, Payload)
    {
        Point = Point,
        Output = Output,
        Facets = Facets,
        SessionFacts = Session,
        IsPrincipalVerified = IsPrincipalVerified,
        TrustScore = TrustScore,
    };
}
