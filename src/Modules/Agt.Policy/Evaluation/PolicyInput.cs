using Agt.Values;

namespace Agt.Policy;

/// <summary>Everything a policy may read of one action. A value on the stack: it lives no longer than the evaluation.</summary>
public readonly ref struct PolicyInput
{
    /// <summary>Describes an action at the point where it begins.</summary>
    /// <param name="template">Where, who and which tool.</param>
    /// <param name="payload">Arguments, messages or input.</param>
    public PolicyInput(ActionTemplate template, GovernedValue payload)
    {
        ArgumentNullException.ThrowIfNull(template);
        Template = template;
        Point = template.Point;
        Payload = payload;
    }

    /// <summary>Where, who and which tool.</summary>
    public ActionTemplate Template { get; }

    /// <summary>Where the action stands now: the template's own point, or its result point.</summary>
    public InterventionPoint Point { get; init; }

    /// <summary>Arguments, messages or input as they stand now.</summary>
    public GovernedValue Payload { get; init; }

    /// <summary>The result, at a result point.</summary>
    public GovernedValue Output { get; init; }

    /// <summary>Facts that extractors found, as a map; they win over arguments of the same name (POL-251).</summary>
    public GovernedValue Facets { get; init; }

    /// <summary>The session.</summary>
    public GovernanceSession? Session { get; init; }

    /// <summary>What to read of a session where there is none.</summary>
    public PolicySessionFacts? SessionFacts { get; init; }

    /// <summary>Whether the identity stage has proven who acts.</summary>
    public bool IsPrincipalVerified { get; init; }

    /// <summary>The trust score of the agent, 0 to 1,000; null when unknown.</summary>
    public int? TrustScore { get; init; }

    internal IReadOnlySet<string>? Labels => Session?.Labels ?? SessionFacts?.Labels;

    internal string? SessionName => Session?.Id.Value ?? SessionFacts?.Id;
}
