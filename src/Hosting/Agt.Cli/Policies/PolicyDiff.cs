using Agt.Policy.Loading;

namespace Agt.Cli;

/// <summary>One difference between two policies.</summary>
/// <param name="Kind">What differs: <c>policy</c>, <c>rule</c>, <c>default</c> or <c>field</c>.</param>
/// <param name="Change"><c>added</c>, <c>removed</c>, <c>changed</c> or <c>moved</c>.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Name">The rule, with its key where one changed; or the field.</param>
/// <param name="Before">What it was, or null.</param>
/// <param name="After">What it is, or null.</param>
internal sealed record Difference(string Kind, string Change, string Policy, string Name, string? Before, string? After);

/// <summary>Compares documents key by key, whatever their formatting: rules by name, defaults, and every other field (POL-016).</summary>
internal static class PolicyDiff
{
    private static readonly string[] Defaults = ["default_action", "defaults"];

    internal static IReadOnlyList<Difference> Compare(IReadOnlyList<PolicyText> before, IReadOnlyList<PolicyText> after)
    {
        var found = new List<Difference>();
        if (before.Count == 1 && after.Count == 1)
        {
            Document(Name(before[0]), before[0].Root, after[0].Root, found);
            return found;
        }

        Dictionary<string, DocumentNode> left = ByName(before), right = ByName(after);
        foreach ((string name, DocumentNode document) in left)
        {
            if (right.TryGetValue(name, out DocumentNode? other))
            {
                Document(name, document, other, found);
            }
            else
            {
                found.Add(new Difference("policy", "removed", name, name, null, null));
            }
        }

        found.AddRange(right.Keys.Where(name => !left.ContainsKey(name)).Select(name => new Difference("policy", "added", name, name, null, null)));
        return found;
    }

    private static void Document(string policy, DocumentNode before, DocumentNode after, List<Difference> found)
    {
        foreach (string name in Names(before).Union(Names(after), StringComparer.Ordinal))
        {
            DocumentNode? left = PolicyText.Member(before, name), right = PolicyText.Member(after, name);
            if (name == "rules" && left?.Items is { } rules && right?.Items is { } others)
            {
                Rules(policy, rules, others, found);
            }
            else
            {
                Field(Defaults.Contains(name, StringComparer.Ordinal) ? "default" : "field", policy, name, left, right, found);
            }
        }
    }

    private static void Rules(string policy, List<DocumentNode> before, List<DocumentNode> after, List<Difference> found)
    {
        List<(string Name, DocumentNode Rule)> left = Named(before), right = Named(after);
        foreach ((string name, DocumentNode rule) in left)
        {
            if (right.Find(other => other.Name == name) is not { Rule: { } other })
            {
                found.Add(new Difference("rule", "removed", policy, name, PolicyText.Shown(rule), null));
                continue;
            }

            foreach (string key in Names(rule).Union(Names(other), StringComparer.Ordinal))
            {
                Field("rule", policy, $"{name}.{key}", PolicyText.Member(rule, key), PolicyText.Member(other, key), found);
            }
        }

        found.AddRange(right.Where(rule => !left.Exists(other => other.Name == rule.Name))
            .Select(rule => new Difference("rule", "added", policy, rule.Name, null, PolicyText.Shown(rule.Rule))));

        string[] kept = [.. left.Select(rule => rule.Name).Where(name => right.Exists(other => other.Name == name))];
        string[] order = [.. right.Select(rule => rule.Name).Where(name => left.Exists(other => other.Name == name))];
        if (!kept.SequenceEqual(order, StringComparer.Ordinal))
        {
            found.Add(new Difference("rule", "moved", policy, "order", string.Join(", ", kept), string.Join(", ", order)));
        }
    }

    private static void Field(string kind, string policy, string name, DocumentNode? before, DocumentNode? after, List<Difference> found)
    {
        if (before is not null && after is not null)
        {
            if (!PolicyText.Same(before, after))
            {
                found.Add(new Difference(kind, "changed", policy, name, PolicyText.Shown(before), PolicyText.Shown(after)));
            }
        }
        else if (before is not null)
        {
            found.Add(new Difference(kind, kind == "rule" ? "changed" : "removed", policy, name, PolicyText.Shown(before), null));
        }
        else if (after is not null)
        {
            found.Add(new Difference(kind, kind == "rule" ? "changed" : "added", policy, name, null, PolicyText.Shown(after)));
        }
    }

    private static Dictionary<string, DocumentNode> ByName(IReadOnlyList<PolicyText> texts)
    {
        var named = new Dictionary<string, DocumentNode>(StringComparer.Ordinal);
        foreach (PolicyText text in texts)
        {
            if (!named.TryAdd(Name(text), text.Root))
            {
                throw new CliException($"{InputFile.Name(text.Path)}: another file beside it has a policy of the same name.");
            }
        }

        return named;
    }

    private static string Name(PolicyText text) => PolicyText.Member(text.Root, "name")?.Text ?? Path.GetFileName(text.Path);

    private static IEnumerable<string> Names(DocumentNode node) => node.Members?.Select(member => member.Name) ?? [];

    /// <summary>Rules by name; one without a name, or with one that was there before, goes by its place.</summary>
    private static List<(string Name, DocumentNode Rule)> Named(List<DocumentNode> rules)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. rules.Select((rule, index) => (PolicyText.Member(rule, "name")?.Text is { } name && names.Add(name) ? name : $"#{index + 1}", rule))];
    }
}
