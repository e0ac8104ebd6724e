using System.Text.RegularExpressions;
using Agt.Policy.Syntax;

namespace Agt.Policy.Loading;

/// <summary>Reads the transforms of a rule.</summary>
internal sealed class TransformBinder(DiagnosticBag bag, PatternCache patterns, ConditionLimits limits)
{
    private const int MaxTransforms = 64;

    private static readonly string[] TransformFields = ["path", "op", "value", "pattern", "replacement"];

    /// <summary>The patches of a rule; those that were refused are left out.</summary>
    internal Patch[] Bind(MapReader map, RuleEffect? effect, InterventionPoint[] points)
    {
        DocumentNode? node = map.Find("transforms");
        if (node is null)
        {
            if (effect == RuleEffect.Transform)
            {
                bag.Error("AGTP043", map.Position, map.Pointer, "The rule transforms, but names no transforms.", "Add transforms: a list of path and op.");
            }

            return [];
        }

        if (effect is not (RuleEffect.Transform or null))
        {
            bag.Error("AGTP043", node.Position, map.PointerTo("transforms"), "transforms belongs to rules whose action is transform or redact.", "Set action: transform, or remove transforms.");
            return [];
        }

        if (node.Items is not { Count: > 0 and <= MaxTransforms } items)
        {
            bag.Error("AGTP043", node.Position, map.PointerTo("transforms"), $"transforms is not a list of 1 to {MaxTransforms} transforms.", "Write a list of path and op.");
            return [];
        }

        var patches = new List<Patch>();
        for (int i = 0; i < items.Count; i++)
        {
            if (Transform(items[i], $"{map.PointerTo("transforms")}/{i}", points) is { } patch)
            {
                patches.Add(patch);
            }
        }

        return [.. patches];
    }

    private Patch? Transform(DocumentNode node, string pointer, InterventionPoint[] points)
    {
        if (node.Members is null)
        {
            bag.Error("AGTP031", node.Position, pointer, $"A transform is {node.KindName}, not a map.", "Write path and op.");
            return null;
        }

        var map = new MapReader(node, pointer, bag);
        map.RefuseUnknown(TransformFields, "A transform");
        string? text = map.Text("path", required: true);
        if (text is null)
        {
            return null;
        }

        PatchPath path;
        try
        {
            path = PatchPath.Parse(text);
        }
        catch (FormatException exception)
        {
            bag.Error("AGTP044", map.Find("path")!.Position, pointer + "/path", exception.Message, "Write a path such as args.email or output.");
            return null;
        }

        foreach (InterventionPoint point in points)
        {
            if (path.IsOutput == point.BeginsAction())
            {
                bag.Error(
                    "AGTP044", map.Find("path")!.Position, pointer + "/path", $"There is {(path.IsOutput ? "no output yet" : "no changing the arguments any more")} at stage {RuleBinder.StageName(point)}.",
                    path.IsOutput ? "Set stage: post_tool, post_model or pre_output." : "Set stage: pre_tool, pre_model or pre_input.");
                return null;
            }
        }

        return Make(map, path);
    }

    private Patch? Make(MapReader map, PatchPath path)
    {
        DocumentNode? value = map.Find("value");
        string? pattern = map.Text("pattern");
        string op = map.Text("op") ?? "redact";
        if ((op == "set" && (Misplaced(map, "pattern", op) || Misplaced(map, "replacement", op))) ||
            (op == "remove" && (Misplaced(map, "value", op) || Misplaced(map, "pattern", op) || Misplaced(map, "replacement", op))) ||
            (op == "redact" && Misplaced(map, "value", op)))
        {
            return null;
        }

        switch (op)
        {
            case "set" when value is { Scalar.IsAbsent: false }:
                return Patch.Set(path, value.Scalar);
            case "set":
                bag.Error("AGTP045", map.Position, map.Pointer, "A transform that sets needs a single value.", "Add value: text, a number, true, false or null.");
                return null;
            case "remove":
                return Patch.Remove(path);
            case "redact":
                return Redact(map, path, pattern);
            case var other:
                bag.Error("AGTP045", map.Find("op")!.Position, map.PointerTo("op"), $"There is no op {YamlDocumentReader.Shown(other)}.", "Write set, remove or redact.");
                return null;
        }
    }

    /// <summary>What an op would ignore its author counted on.</summary>
    private bool Misplaced(MapReader map, string name, string op)
    {
        if (map.Find(name) is not { } node)
        {
            return false;
        }

        string fix = name == "value" ? "Write op: set to put a value there, or replacement for what a redaction leaves." : "Write op: redact to replace what a pattern finds.";
        bag.Error("AGTP045", node.Position, map.PointerTo(name), $"A transform whose op is {op} has no use for {name}.", fix);
        return true;
    }

    private Patch? Redact(MapReader map, PatchPath path, string? pattern)
    {
        Regex? regex = null;
        if (pattern is not null)
        {
            try
            {
                regex = pattern.Length <= limits.MaxPatternLength
                    ? patterns.Get(-1, pattern, glob: false).Regex
                    : throw new ConditionException("AGTP114", 0, $"A pattern has more than {limits.MaxPatternLength} characters.", "Split it.");
            }
            catch (ConditionException exception)
            {
                bag.Error(exception.Code, map.Find("pattern")!.Position, map.PointerTo("pattern"), exception.Message, exception.Fix);
                return null;
            }
        }

        return Patch.Redact(path, regex, map.Text("replacement") ?? "[REDACTED]");
    }
}
