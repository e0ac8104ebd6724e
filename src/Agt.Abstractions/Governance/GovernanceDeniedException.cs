namespace Agt;

/// <summary>
/// An action was denied. Its message is the public one: it never names rules, patterns, limits or values, so it may be shown to models and users.
/// </summary>
public class GovernanceDeniedException : Exception
{
    /// <summary>Creates the exception for a decision.</summary>
    /// <param name="decision">The denying decision.</param>
    /// <param name="decisionId">Its id, to find the record by.</param>
    public GovernanceDeniedException(Decision decision, DecisionId decisionId)
        : base(Describe(decision, decisionId))
    {
        Decision = decision;
        DecisionId = decisionId;
    }

    /// <summary>The decision; restricted, it names the rule.</summary>
    public Decision Decision { get; }

    /// <summary>Names the decision.</summary>
    public DecisionId DecisionId { get; }

    /// <summary>The kind of denial.</summary>
    public DenialCategory Category => Decision.Reason.Category;

    /// <summary>The text that models and users may see.</summary>
    public string PublicMessage => Decision.PublicMessage;

    /// <summary>The public text of a denial: the public message and the decision id.</summary>
    public static string Describe(Decision decision, DecisionId decisionId)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return $"{decision.PublicMessage} (decision {decisionId})";
    }
}
