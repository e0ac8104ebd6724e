using Agt.Values;

namespace Agt.Policy.Backends;

/// <summary>What an engine is asked about. Valid during the call.</summary>
public sealed class PolicyBackendRequest
{
    internal PolicyBackendRequest(OperationContext context, bool isAfter)
    {
        Template = context.Template;
        Point = context.Point;
        Session = context.Session;
        Payload = context.Payload;
        Output = isAfter ? context.Output : default;
        Facets = context.Facets;
        IsPrincipalVerified = context.IsPrincipalVerified;
        TrustScore = context.TrustScore;
        Timestamp = context.Timestamp;
    }

    /// <summary>Where, who and which tool.</summary>
    public ActionTemplate Template { get; }

    /// <summary>Where the action stands now.</summary>
    public InterventionPoint Point { get; }

    /// <summary>The session.</summary>
    public GovernanceSession Session { get; }

    /// <summary>Arguments, messages or input as they stand now.</summary>
    public GovernedValue Payload { get; }

    /// <summary>The result, behind the action; absent before it.</summary>
    public GovernedValue Output { get; }

    /// <summary>Facts that were read out of the arguments; absent when there are none.</summary>
    public GovernedValue Facets { get; }

    /// <summary>Whether the identity stage has proven who acts.</summary>
    public bool IsPrincipalVerified { get; }

    /// <summary>The trust score of the agent, 0 to 1,000, if one is known.</summary>
    public int? TrustScore { get; }

    /// <summary>When the action was admitted (UTC).</summary>
    public DateTimeOffset Timestamp { get; }
}
