using Agt.Policy.Compilation;
using Agt.Policy.Documents;

namespace Agt.Policy.Folders;

/// <summary>
/// Puts the documents of a chain of folders together, the root's first (POL-111, 112, 114 to 117). A rule keeps the document it came from, so that limits count and records name it alike wherever it is reached from.
/// </summary>
internal static class FolderChain
{
    /// <summary>The documents that hold for a path.</summary>
    /// <param name="chain">The files of its folders, the root's first; all sound.</param>
    /// <param name="path">The path below the root, for the documents that are about some paths only.</param>
    /// <param name="profile">In <see cref="PolicyProfile.Strict"/> no document below takes a denial away.</param>
    internal static List<FolderFile> For(IReadOnlyList<FolderFile> chain, string path, PolicyProfile profile)
    {
        List<FolderFile> about = [.. chain.Where(file => file.Document!.PathScope is not { } scope || new Glob(scope).IsMatch(path))];
        int root = about.FindLastIndex(file => !file.Document!.Inherits);
        return root <= 0 ? about : profile == PolicyProfile.AgentOs10 ? about[root..] : [.. about[..root].Select(OnlyDenials), .. about[root..]];
    }

    /// <summary>The documents as they hold together, each under the name of its file.</summary>
    internal static PolicyDocument[] Merge(IReadOnlyList<FolderFile> chain, PolicyProfile profile)
    {
        var rules = chain.Select(_ => new List<PolicyRule>()).ToArray();
        var named = new Dictionary<string, (int File, PolicyRule Rule)>(StringComparer.Ordinal);
        for (int i = 0; i < chain.Count; i++)
        {
            foreach (PolicyRule rule in chain[i].Document!.Rules)
            {
                if (!named.TryGetValue(rule.Name, out (int File, PolicyRule Rule) parent) || parent.File == i)
                {
                    named[rule.Name] = (i, rule);
                    rules[i].Add(rule);
                }
                else if (rule.Overrides && parent.Rule.Effect != RuleEffect.Deny)
                {
                    rules[parent.File].RemoveAll(known => known.Name == rule.Name);
                    named[rule.Name] = (i, rule);
                    rules[i].Add(rule);
                }
                else if (profile != PolicyProfile.AgentOs10 && rule is { Effect: RuleEffect.Deny, Enabled: true })
                {
                    // Without override a rule gives way to its parent, but a denial never does.
                    rules[i].Add(rule);
                }
            }
        }

        bool defaultAllows = chain.Count > 0 && chain[^1].Document!.DefaultAllows;
        return [.. chain.Select((file, i) => file.Document!.In(file.Name, [.. rules[i]], defaultAllows))];
    }

    /// <summary>What stays of a document that a folder below does not want to inherit: its denials.</summary>
    private static FolderFile OnlyDenials(FolderFile file) => file with
    {
        Document = file.Document!.With([.. file.Document.Rules.Where(rule => rule.Effect == RuleEffect.Deny)], defaultAllows: true, toolAllowlist: file.Document.ToolAllowlist),
    };
}
