using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Agt.Repository.Tests;

public sealed partial class PackageTests
{
    [Fact]
    public void Every_package_describes_itself() =>
        Repository.AssertNone(ProjectFile.Sources.Where(p => p.Description is null or { Length: < 20 } or { Length: > 300 }).Select(p => $"{p.Name}: needs a description of 20 to 300 characters."));

    [Fact]
    public void Every_package_records_its_public_surface() =>
        Repository.AssertNone(
            from project in ProjectFile.Sources
            from file in new[] { "PublicAPI.Shipped.txt", "PublicAPI.Unshipped.txt" }
            let path = $"src/{project.Folder}/{file}"
            where !File.Exists(Path.Combine(Repository.Root, path)) || !Repository.Read(path).StartsWith("#nullable enable\n", StringComparison.Ordinal)
            select $"{path}: missing, or does not start with '#nullable enable'. Run eng/public-api.sh.");

    [Fact]
    public void Every_source_project_is_packable_with_the_common_metadata()
    {
        XElement common = XElement.Parse(Repository.Read("Directory.Build.props"));
        foreach (string property in (string[])["Version", "Authors", "PackageLicenseExpression", "PackageTags", "PublishRepositoryUrl"])
            Assert.NotEmpty(common.Descendants(property).Single().Value);
        Assert.Equal("true", XElement.Parse(Repository.Read("src/Directory.Build.props")).Descendants("IsPackable").Single().Value);

        // The analyzer's assembly lies in the package of its fixes.
        Repository.AssertNone(Repository.Files("src", ".csproj").Where(path => path != "src/Agt.Analyzers/Agt.Analyzers.csproj" && Repository.Read(path).Contains("<IsPackable>", StringComparison.Ordinal)).Select(path => $"{path}: overrides IsPackable."));
    }

    [Fact]
    public void The_changelog_has_a_section_for_the_version()
    {
        string version = XElement.Parse(Repository.Read("Directory.Build.props")).Descendants("Version").Single().Value;

        Assert.Matches($@"(?m)^## .*\b{Regex.Escape(version)}\b", Repository.Read("CHANGELOG.md"));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("Agt.sln").Replace('\\', '/');

        Repository.AssertNone(Repository.Files("", ".csproj").Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)).Select(path => $"{path}: not in Agt.sln."));
    }

    [Fact]
    public void The_dependency_page_lists_exactly_the_central_versions()
    {
        var central = XElement.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(item => $"{(string?)item.Attribute("Include")} {(string?)item.Attribute("Version")}").Order(StringComparer.Ordinal).ToList();

        var rows = DependencyRow().Matches(Repository.Read("docs/dependencies.md"));

        Assert.NotEmpty(central);
        Assert.Equal(central, rows.Select(row => $"{row.Groups["name"].Value} {row.Groups["version"].Value}").Order(StringComparer.Ordinal));
        Repository.AssertNone(rows.Where(row => row.Groups["rest"].Value.Split('|').Length != 4 || row.Groups["rest"].Value.Split('|').Any(string.IsNullOrWhiteSpace))
            .Select(row => $"{row.Groups["name"].Value}: needs a licence, a reason, its users and what was considered instead."));
    }

    [Fact]
    public void No_project_pins_a_version_of_its_own() =>
        Repository.AssertNone(
            from path in Repository.Files("", ".csproj")
            from item in XElement.Parse(Repository.Read(path)).Descendants("PackageReference")
            where item.Attribute("Version") is not null || item.Attribute("VersionOverride") is not null
            select $"{path}: {(string?)item.Attribute("Include")} has a version; it belongs in Directory.Packages.props.");

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (?<version>[^ |]+) \|(?<rest>[^\n]*)\|$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex DependencyRow();
}
