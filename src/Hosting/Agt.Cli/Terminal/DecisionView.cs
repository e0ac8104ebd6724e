using System.Globalization;

namespace Agt.Cli;

/// <summary>A decision as people read it.</summary>
internal static class DecisionView
{
    internal static void Write(CliHost host, DecisionFacts facts, TimeSpan? duration)
    {
        host.Line($"[{Color(facts)}]{facts.Outcome.ToUpperInvariant()}[/]  {Rule(facts)}");
        Row(host, "effect", facts.Effect);
        Row(host, "reason", facts.Detail?.Explanation is { } text ? $"{facts.Reason.Code}: {text}" : facts.Reason.Code);
        if (!facts.IsAllowed)
        {
            Row(host, "the model sees", facts.PublicMessage);
        }

        if (facts.Detail is { } detail)
        {
            Row(host, "approvers", string.Join(", ", detail.Approvers));
            foreach (Patch patch in detail.Patches)
            {
                Row(host, "patch", $"{patch.Kind.ToString().ToUpperInvariant()} {patch.Path.Text}");
            }

            Row(host, "retry after", detail.RetryAfter is { } wait ? wait.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s" : null);
        }

        Row(host, "took", duration is { } time ? time.TotalMicroseconds.ToString("0.#", CultureInfo.InvariantCulture) + " us" : null);
    }

    internal static string Color(DecisionFacts facts) => facts.Outcome switch { "allow" => "green", "warn" => "yellow", "escalate" => "blue", _ => "red" };

    private static string Rule(DecisionFacts facts) => facts.Detail switch
    {
        { Rule: { } rule, Policy: { } policy } => $"rule [bold]{CliHost.Shown(rule)}[/] of policy [bold]{CliHost.Shown(policy)}[/]",
        { Policy: { } policy } => $"no rule matched; policy [bold]{CliHost.Shown(policy)}[/]",
        _ => "no rule decided",
    };

    private static void Row(CliHost host, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            host.Line($"  [grey]{name,-15}[/]{CliHost.Shown(value)}");
        }
    }
}
