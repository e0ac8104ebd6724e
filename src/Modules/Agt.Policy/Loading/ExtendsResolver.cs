using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>
/// Puts the rules of the files that a document extends before its own (spec 01, POL-118, POL-119). Files are found relative to the one that names them, and only in its folder and below; what
/// a parent denies, no child can take back.
/// </summary>
internal sealed class ExtendsResolver(PolicyLoadOptions options, PatternCache patterns, Func<string, PolicyLoadOptions, PatternCache, PolicyLoadResult> load)
{
    private readonly List<PolicyDiagnostic> _found = [];
    private int _loaded;

    /// <summary>The document with what it extends; its findings are those of all files.</summary>
    /// <param name="result">The file as it was read.</param>
    /// <param name="path">Where it is.</param>
    internal PolicyLoadResult Resolve(PolicyLoadResult result, string path)
    {
        if (result.Documents is not [{ Extends.Count: > 0 } document])
        {
            return result;
        }

        _found.AddRange(result.Diagnostics);
        string full = RealPath(Path.GetFullPath(path));
        PolicyDocument? merged = Merge(document, full, Path.GetDirectoryName(full)!, [full]);
        return new PolicyLoadResult(merged is null || _found.Exists(finding => finding.Severity == DiagnosticSeverity.Error) ? [] : [merged], _found);
    }

    private PolicyDocument? Merge(PolicyDocument document, string path, string root, List<string> chain)
    {
        var parents = new List<PolicyDocument>();
        foreach (string parent in document.Extends)
        {
            if (LoadParent(document, parent, path, root, chain) is not { } loaded)
            {
                return null;
            }

            parents.Add(loaded);
        }

        return Combine(document, parents);
    }

    private PolicyDocument? LoadParent(PolicyDocument child, string name, string childPath, string root, List<string> chain)
    {
        string path;
        try
        {
            path = Path.GetFullPath(name, Path.GetDirectoryName(childPath)!);
            if (!File.Exists(path))
            {
                return Refuse(child, "AGTP050", $"extends names {YamlDocumentReader.Shown(name)}, and there is no such file ({Chain(chain, path, root)}).", "Correct the path; it is relative to the file that names it.");
            }

            path = RealPath(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Refuse(child, "AGTP050", $"extends names {YamlDocumentReader.Shown(name)}, which cannot be read: {exception.Message}", "Correct the path.");
        }

        if (!IsBelow(path, root))
        {
            return Refuse(child, "AGTP051", $"extends names {YamlDocumentReader.Shown(name)}, which lies outside the folder of the first file.", "Only files in that folder and below can be extended.");
        }

        if (chain.Contains(path, StringComparer.Ordinal))
        {
            return Refuse(child, "AGTP052", $"extends goes round in a circle: {Chain(chain, path, root)}.", "Take one of them out.");
        }

        if (++_loaded > options.MaxExtends)
        {
            return Refuse(child, "AGTP053", $"More than {options.MaxExtends} files are extended.", "Put them together, or raise PolicyLoadOptions.MaxExtends.");
        }

        PolicyLoadResult result = load(path, options, patterns);
        _found.AddRange(result.Diagnostics);
        if (result.Documents is not [var document])
        {
            return null;
        }

        return document.Extends.Count == 0 ? document : Merge(document, path, root, [.. chain, path]);
    }

    private PolicyDocument Combine(PolicyDocument child, List<PolicyDocument> parents)
    {
        var rules = new List<PolicyRule>();
        var inherited = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (PolicyRule rule in parents.SelectMany(parent => parent.Rules).Select(rule => rule.Effect == RuleEffect.Deny ? rule with { Sealed = true } : rule))
        {
            if (inherited.TryAdd(rule.Name, rules.Count))
            {
                rules.Add(rule);
            }
            else if (rule.Effect == RuleEffect.Deny)
            {
                // Two parents may deny under one name, and both denials hold.
                rules.Add(rule);
            }
        }

        foreach (PolicyRule rule in child.Rules)
        {
            if (!inherited.TryGetValue(rule.Name, out int place))
            {
                rules.Add(rule);
            }
            else if (rules[place].Effect != RuleEffect.Deny || !rules[place].Enabled)
            {
                rules[place] = rule;
            }
            else if (rule is { Effect: RuleEffect.Deny, Enabled: true })
            {
                rules.Add(rule);
            }
            else
            {
                _found.Add(new PolicyDiagnostic(
                    DiagnosticSeverity.Warning, "AGTP054", child.Source, rule.Position, string.Empty, $"The rule {YamlDocumentReader.Shown(rule.Name)} is dropped: a file that this one extends denies under that name.", "Give it another name; the denial holds in any case."));
            }
        }

        string[]? tools = parents.Select(parent => parent.ToolAllowlist).Append(child.ToolAllowlist).OfType<IReadOnlyList<string>>().Aggregate(
            (string[]?)null, (known, next) => known is null ? [.. next] : [.. known.Intersect(next, StringComparer.Ordinal)]);
        SessionLimits? limits = parents.Select(parent => parent.Limits).Append(child.Limits).OfType<SessionLimits>().Aggregate((SessionLimits?)null, (known, next) => next.TightenedBy(known));
        var attributes = new Dictionary<string, SessionAttributeDefinition>(StringComparer.Ordinal);
        foreach (SessionAttributeDefinition attribute in parents.SelectMany(parent => parent.SessionAttributes).Concat(child.SessionAttributes))
        {
            if (!attributes.TryAdd(attribute.Name, attribute) && !attributes[attribute.Name].Equals(attribute))
            {
                Refuse(child, "AGTP055", $"session.{attribute.Name} is declared here or in a file that this one extends in two ways.", "Declare it alike, or give one of them another name.");
            }
        }

        var digests = new System.Text.StringBuilder(child.Digest.ToString());
        parents.ForEach(parent => digests.Append('\n').Append(parent.Digest));
        return new PolicyDocument(child.Name, child.Source, Digest.Of(System.Text.Encoding.UTF8.GetBytes(digests.ToString())))
        {
            Kind = child.Kind,
            Version = child.Version,
            Description = child.Description,
            Agents = child.Agents,
            Scope = child.Scope,
            PathScope = child.PathScope,
            Inherits = child.Inherits,
            Extends = child.Extends,
            DefaultAllows = child.DefaultAllows,

            // A list that nothing is left of allows nothing; an empty one would allow all.
            ToolAllowlist = tools is [] ? ["\u0000"] : tools,
            NetworkAllowlist = parents.Select(parent => parent.NetworkAllowlist).Append(child.NetworkAllowlist).OfType<IReadOnlyList<string>>().Aggregate(
                (IReadOnlyList<string>?)null, (known, next) => known is null ? next : [.. known.Intersect(next, StringComparer.OrdinalIgnoreCase)]),
            ConversationPolicy = child.ConversationPolicy.IsAbsent ? parents.Find(parent => !parent.ConversationPolicy.IsAbsent)?.ConversationPolicy ?? default : child.ConversationPolicy,
            Limits = limits,
            SessionAttributes = [.. attributes.Values],
            InformationFlow = [.. parents.SelectMany(parent => parent.InformationFlow), .. child.InformationFlow],
            Rules = [.. rules],
        };
    }

    private PolicyDocument? Refuse(PolicyDocument child, string code, string message, string fix)
    {
        _found.Add(new PolicyDiagnostic(DiagnosticSeverity.Error, code, child.Source, child.ExtendsPosition, "/extends", message, fix));
        return null;
    }

    private static string Chain(List<string> chain, string last, string root) => string.Join(" -> ", chain.Append(last).Select(file => Path.GetRelativePath(root, file)));

    internal static bool IsBelow(string path, string root)
    {
        string relative = Path.GetRelativePath(root, path);
        return !Path.IsPathRooted(relative) && relative != ".." && !relative.StartsWith("../", StringComparison.Ordinal) && !relative.StartsWith("..\\", StringComparison.Ordinal);
    }

    /// <summary>The path without symbolic links, in any of its parts.</summary>
    internal static string RealPath(string path)
    {
        string real = Path.GetPathRoot(path)!;
        int followed = 0;
        foreach (string part in path[real.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            if (entry.LinkTarget is not null)
            {
                if (++followed > 40 || entry.ResolveLinkTarget(returnFinalTarget: true) is not { } target)
                {
                    throw new IOException($"The link {part} leads nowhere.");
                }

                next = RealPathOnce(target.FullName, followed);
            }

            real = next;
        }

        return real;
    }

    private static string RealPathOnce(string path, int followed) => followed > 8 ? throw new IOException("Too many links.") : RealPath(path);
}
