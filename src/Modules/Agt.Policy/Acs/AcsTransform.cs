using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>One value that a policy puts into its target. Immutable.</summary>
/// <param name="Path">Where; begins with <c>$policy_target</c>, and leads to something that is there.</param>
/// <param name="Value">The new value; may be null, never absent.</param>
public sealed record AcsTransform(string Path, GovernedValue Value)
{
    internal AcsPath? Parsed { get; init; }
}
