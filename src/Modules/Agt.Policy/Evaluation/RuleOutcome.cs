namespace Agt.Policy;

/// <summary>What became of a rule.</summary>
public enum RuleOutcome : byte
{
    /// <summary>Its condition holds.</summary>
    Matched,

    /// <summary>Its condition does not hold.</summary>
    NotMatched,

    /// <summary>Its condition cannot be evaluated; if the rule is reached, that denies.</summary>
    Error,

    /// <summary>It is turned off.</summary>
    Disabled,

    /// <summary>It is about another stage.</summary>
    OtherPoint,

    /// <summary>Its policy does not apply to the agent.</summary>
    OtherAgent,
}
