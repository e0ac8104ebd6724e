using System.Xml.Linq;

namespace Agt.Repository.Tests;

/// <summary>The references of one csproj under <c>src</c>.</summary>
internal sealed record ProjectFile(string Name, string Folder, string[] Projects, string[] Packages, string? Description)
{
    internal static IReadOnlyList<ProjectFile> Sources { get; } =
        [.. Repository.Files("src", ".csproj").Select(path => Parse(path["src/".Length..], Repository.Read(path)))];

    /// <summary>Parses a project; references whose assets stay private to the build are not dependencies.</summary>
    internal static ProjectFile Parse(string path, string xml)
    {
        XElement root = XElement.Parse(xml);
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(path),
            Path.GetDirectoryName(path)!.Replace('\\', '/'),
            [.. Includes(root, "ProjectReference").Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))],
            [.. Includes(root, "PackageReference"), .. Includes(root, "FrameworkReference"), .. Includes(root, "Reference")],
            root.Descendants("Description").FirstOrDefault()?.Value.Trim());
    }

    /// <summary>What the rules have against this project.</summary>
    internal IEnumerable<string> Findings(IReadOnlyDictionary<string, ProjectRule> rules)
    {
        if (!rules.TryGetValue(Name, out ProjectRule? rule))
        {
            yield return $"{Name}: no rule in ProjectRules.All; decide what it may depend on, there and in docs/architecture.md.";
            yield break;
        }

        if (Folder != rule.Folder)
            yield return $"{Name}: lies in src/{Folder}, its room is src/{rule.Folder}.";
        foreach (string project in Projects.Where(p => !rule.Projects.Any(allowed => ProjectRule.Matches(allowed, p))))
            yield return $"{Name}: may not reference the project {project}.";
        foreach (string package in Packages.Where(p => !rule.Packages.Any(allowed => ProjectRule.Matches(allowed, p))))
            yield return $"{Name}: may not reference the package {package}.";
    }

    private static IEnumerable<string> Includes(XElement root, string element) => root.Descendants(element)
        .Where(item => (string?)item.Attribute("PrivateAssets") != "all")
        .Select(item => (string?)item.Attribute("Include") ?? "");
}
