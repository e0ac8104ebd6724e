using System.Reflection;
using Agt.Testing;
using NetArchTest.Rules;
using TestResult = NetArchTest.Rules.TestResult;

namespace Agt.Repository.Tests;

public sealed class DependencyRuleTests
{
    public static TheoryData<string> Projects => [.. ProjectRules.All.Keys];

    public static TheoryData<string> BelowAdapters => [.. ProjectRules.All.Where(pair => !pair.Value.Folder.StartsWith("Adapters/", StringComparison.Ordinal)).Select(pair => pair.Key)];

    [Fact]
    public void Every_project_references_only_what_its_room_allows() =>
        Repository.AssertNone(ProjectFile.Sources.SelectMany(project => project.Findings(ProjectRules.All)));

    [Fact]
    public void Every_rule_belongs_to_a_project() =>
        Assert.Equal(ProjectRules.All.Keys.Order(StringComparer.Ordinal), ProjectFile.Sources.Select(p => p.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    [Requirement("ADP-001", Partial = "adapters of later frameworks")]
    public void No_type_uses_a_framework_outside_its_own_adapter(string project)
    {
        string[] forbidden = [.. ProjectRules.Frameworks.Where(name => !Owns(project, name))];

        TestResult result = Types.InAssembly(Assembly.Load(project)).ShouldNot().HaveDependencyOnAny(forbidden).GetResult();

        Assert.True(result.IsSuccessful, string.Join('\n', result.FailingTypeNames ?? []));
    }

    [Theory]
    [MemberData(nameof(BelowAdapters))]
    public void Contract_core_and_modules_know_no_adapter(string project)
    {
        string[] adapters = [.. ProjectRules.All.Keys.Where(name => name.StartsWith("Agt.Adapters.", StringComparison.Ordinal))];

        TestResult result = Types.InAssembly(Assembly.Load(project)).ShouldNot().HaveDependencyOnAny(adapters).GetResult();

        Assert.True(result.IsSuccessful, string.Join('\n', result.FailingTypeNames ?? []));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Compiled_references_to_other_projects_are_allowed_ones(string project)
    {
        IEnumerable<string> references = Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Agt", StringComparison.Ordinal));

        Assert.Empty(references.Except(ProjectRules.All[project].Projects));
    }

    [Fact]
    public void A_type_that_uses_a_forbidden_namespace_is_found()
    {
        TestResult result = Types.InAssembly(typeof(DependencyRuleTests).Assembly).ShouldNot().HaveDependencyOnAny("NetArchTest.Rules").GetResult();

        Assert.Contains(typeof(DependencyRuleTests).FullName, result.FailingTypeNames);
    }

    [Theory]
    [InlineData("Modules/Agt.Policy/Agt.Policy.csproj", "ProjectReference", "../../Agt.Core/Agt.Core.csproj", "Agt.Policy: may not reference the project Agt.Core.")]
    [InlineData("Agt.Core/Agt.Core.csproj", "PackageReference", "Microsoft.SemanticKernel.Core", "Agt.Core: may not reference the package Microsoft.SemanticKernel.Core.")]
    [InlineData("Agt.Abstractions/Agt.Abstractions.csproj", "PackageReference", "YamlDotNet", "Agt.Abstractions: may not reference the package YamlDotNet.")]
    [InlineData("Adapters/Agt.Adapters.ExtensionsAI/Agt.Adapters.ExtensionsAI.csproj", "ProjectReference", "../Agt.Adapters.SemanticKernel/Agt.Adapters.SemanticKernel.csproj", "Agt.Adapters.ExtensionsAI: may not reference the project Agt.Adapters.SemanticKernel.")]
    public void A_reference_outside_the_rules_is_found(string path, string kind, string include, string finding)
    {
        ProjectFile project = ProjectFile.Parse(path, $"<Project><ItemGroup><{kind} Include=\"{include}\" /></ItemGroup></Project>");

        Assert.Equal([finding], project.Findings(ProjectRules.All));
    }

    [Fact]
    public void A_project_without_a_rule_is_found()
    {
        ProjectFile project = ProjectFile.Parse("Modules/Agt.New/Agt.New.csproj", "<Project />");

        Assert.StartsWith("Agt.New: no rule", Assert.Single(project.Findings(ProjectRules.All)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_in_the_wrong_room_is_found()
    {
        ProjectFile project = ProjectFile.Parse("Modules/Agt.Core/Agt.Core.csproj", "<Project />");

        Assert.Equal(["Agt.Core: lies in src/Modules/Agt.Core, its room is src/Agt.Core."], project.Findings(ProjectRules.All));
    }

    private static bool Owns(string project, string framework) =>
        ProjectRules.All[project].Packages.Any(package => package == framework || package.StartsWith(framework + ".", StringComparison.Ordinal))
        || (framework == "Microsoft.Extensions.AI" && project == "Agt.Adapters.SemanticKernel"); // Semantic Kernel's own contract package is built on these abstractions
}
