namespace Agt.Cli;

/// <summary>What became of one scenario.</summary>
/// <param name="File">The scenario file.</param>
/// <param name="Scenario">The scenario.</param>
/// <param name="Facts">What was decided; null if the context is no action.</param>
/// <param name="Failure">Why it failed; null if it passed.</param>
internal sealed record ScenarioResult(string File, Scenario Scenario, DecisionFacts? Facts, string? Failure)
{
    /// <summary>Runs a scenario on its own: nothing is left in rate limits by those before it.</summary>
    internal static ScenarioResult Run(string file, Scenario scenario, ActionReader reader, ActionDecider decider, LoadedPolicies policies)
    {
        try
        {
            var facts = new DecisionFacts(decider.Decide(reader.Read(scenario.Context)), policies);
            return new ScenarioResult(file, scenario, facts, Compare(scenario, facts));
        }
        catch (ActionFormatException exception)
        {
            return new ScenarioResult(file, scenario, null, "The context is no action: " + exception.Message);
        }
    }

    private static string? Compare(Scenario scenario, DecisionFacts facts)
    {
        // A limit denies what is over it, and lets through what is not.
        bool asExpected = scenario.ExpectedAction is not { } expected || expected == facts.Effect || expected == facts.Outcome
            || (expected == "transform" && facts.Obligations.Contains("apply_patches", StringComparer.Ordinal));
        string decided = $"{facts.Effect} ({facts.Detail?.Policy}/{facts.Detail?.Rule ?? "no rule"})";
        return !asExpected ? $"expected {scenario.ExpectedAction}, decided {decided}"
            : scenario.ExpectedAllowed is { } allowed && allowed != facts.IsAllowed ? $"expected it to be {(allowed ? "allowed" : "refused")}, decided {decided}"
            : null;
    }
}
