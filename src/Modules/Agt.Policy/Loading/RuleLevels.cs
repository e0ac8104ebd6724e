namespace Agt.Policy.Loading;

/// <summary>Reads how strict a rule is, by the surroundings in which the host works (spec 01, POL-100): <c>default_level</c> and <c>context_overrides</c>.</summary>
internal static class RuleLevels
{
    private static readonly string[] Levels = ["block", "warn", "audit", "skip"];

    private static readonly string[] Contexts = ["inner_loop", "ci_cd", "autonomous"];

    /// <summary>Whether a rule has levels.</summary>
    internal static bool Has(MapReader map) => map.Find("default_level") is not null || map.Find("context_overrides") is not null;

    /// <summary>What the level makes of the rule, and whether it is asked at all; null where the levels are malformed.</summary>
    /// <param name="map">The rule.</param>
    /// <param name="context">The surroundings.</param>
    /// <param name="bag">Where findings go.</param>
    internal static (RuleEffect Effect, bool Enabled)? Read(MapReader map, OperatingContext context, DiagnosticBag bag)
    {
        if (map.Find("action") is { } action && action.Text is not ("deny" or "block"))
        {
            bag.Error("AGTP066", action.Position, map.PointerTo("action"), "A rule with levels is a denial that is softened, and this one has another action.", "Set action: deny, or remove default_level and context_overrides.");
            return null;
        }

        string? level = "warn";
        if (map.Find("default_level") is { } general)
        {
            level = Level(general, map.PointerTo("default_level"), bag);
        }

        if (map.Find("context_overrides") is not { } node)
        {
            return Effect(level);
        }

        if (node.Members is null)
        {
            map.WrongType("context_overrides", node, "a map");
            return null;
        }

        bool sound = level is not null;
        foreach (DocumentMember member in node.Members)
        {
            string pointer = map.PointerTo("context_overrides") + "/" + member.Name;
            int known = Array.IndexOf(Contexts, member.Name);
            if (known < 0)
            {
                Refuse(bag, member.Position, pointer, $"There is no operating context {YamlDocumentReader.Shown(member.Name)}.", member.Name, Contexts);
            }

            string? own = Level(member.Value, pointer, bag);
            sound &= known >= 0 && own is not null;
            level = known == (int)context ? own : level;
        }

        return sound ? Effect(level) : null;
    }

    private static string? Level(DocumentNode node, string pointer, DiagnosticBag bag)
    {
        if (node.Text is { } text && Array.IndexOf(Levels, text) >= 0)
        {
            return text;
        }

        Refuse(bag, node.Position, pointer, node.Text is { } written ? $"There is no level {YamlDocumentReader.Shown(written)}." : $"A level is {node.KindName}, not text.", node.Text, Levels);
        return null;
    }

    private static void Refuse(DiagnosticBag bag, SourcePosition position, string pointer, string message, string? written, string[] known) =>
        bag.Error("AGTP066", position, pointer, message, written is not null && Suggestion.Nearest(written, known) is { } nearest ? $"Did you mean '{nearest}'?" : "Write one of: " + string.Join(", ", known) + ".");

    private static (RuleEffect Effect, bool Enabled)? Effect(string? level) => level switch
    {
        "block" => (RuleEffect.Deny, true),
        "warn" => (RuleEffect.Warn, true),
        "audit" => (RuleEffect.Audit, true),
        "skip" => (RuleEffect.Deny, false),
        _ => null,
    };
}
