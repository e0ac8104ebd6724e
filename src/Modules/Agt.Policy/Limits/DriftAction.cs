namespace Agt.Policy.Limits;

/// <summary>What drift over the threshold of a <see cref="GovernancePolicy"/> leads to (spec 08, ADP-092).</summary>
public enum DriftAction
{
    /// <summary>An event, and no more.</summary>
    Event,

    /// <summary>An event, and a warning in the decision on the result (<c>policy:drift</c>).</summary>
    Warn,

    /// <summary>An event, and the result is withheld. The effect has happened.</summary>
    Deny,
}
