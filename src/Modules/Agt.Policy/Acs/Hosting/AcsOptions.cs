namespace Agt.Policy.Acs;

/// <summary>How a manifest governs a host. Not thread-safe while it is filled; read once.</summary>
public sealed class AcsOptions
{
    /// <summary>How the manifest is read.</summary>
    public AcsLoadOptions Load { get; set; } = AcsLoadOptions.Default;

    /// <summary>The engines and annotators that the manifest needs.</summary>
    public AcsRuntimeOptions Runtime { get; } = new();

    /// <summary>Whether an action at a point that the manifest does not configure is denied. Default false: what the manifest does not speak of is left to the other modules.</summary>
    public bool DenyUnconfiguredPoints { get; set; }

    /// <summary>What a session has cost so far, in US dollars, for <c>envelope.budgets.cost_usd</c>; null where the host does not know, and the member is then left out.</summary>
    public Func<GovernanceSession, double>? CostUsd { get; set; }

    /// <summary>What the labels of sessions begin with that come from <c>result_labels</c>, and go into <c>source_labels</c>. Default <c>acs:</c>.</summary>
    public string LabelPrefix { get; set; } = "acs:";
}
