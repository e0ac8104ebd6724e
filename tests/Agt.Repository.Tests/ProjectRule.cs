namespace Agt.Repository.Tests;

/// <summary>What one project may depend on. Patterns end in <c>*</c> for a prefix, or name one thing.</summary>
/// <param name="Folder">Where the project lies, below <c>src</c>.</param>
/// <param name="Projects">Projects it may reference.</param>
/// <param name="Packages">Packages it may reference.</param>
internal sealed record ProjectRule(string Folder, string[] Projects, string[] Packages)
{
    internal static bool Matches(string pattern, string name) => pattern.StartsWith('*')
        ? name.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
}

/// <summary>The dependency rules: one row a project, and no project without a row.</summary>
internal static class ProjectRules
{
    private static readonly string[] HostAbstractions =
    [
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions",
        "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "Microsoft.Extensions.Options.DataAnnotations",
    ];

    /// <summary>Namespaces of agent frameworks and model clients: only the adapter of one may know it.</summary>
    internal static readonly string[] Frameworks =
    [
        "Microsoft.SemanticKernel", "Microsoft.Extensions.AI", "Microsoft.Agents", "AutoGen", "ModelContextProtocol", "OpenAI", "Anthropic", "OllamaSharp",
    ];

    internal static readonly IReadOnlyDictionary<string, ProjectRule> All = new Dictionary<string, ProjectRule>(StringComparer.Ordinal)
    {
        ["Agt.Abstractions"] = new("Agt.Abstractions", [], ["*.Abstractions"]),
        ["Agt.Core"] = new("Agt.Core", ["Agt.Abstractions"], HostAbstractions),
        ["Agt.Policy"] = Module("Agt.Policy", "NSec.Cryptography", "YamlDotNet"),
        ["Agt.Audit.Verifier"] = new("Agt.Audit.Verifier", [], []),
        ["Agt.Audit"] = new("Modules/Agt.Audit", ["Agt.Abstractions", "Agt.Audit.Verifier"], [.. HostAbstractions, "NSec.Cryptography"]),
        ["Agt.Compliance"] = new("Modules/Agt.Compliance", ["Agt.Abstractions", "Agt.Audit", "Agt.Audit.Verifier"], [.. HostAbstractions, "YamlDotNet"]),
        ["Agt.Policy.Testing"] = new(
            "Agt.Policy.Testing", ["Agt.Abstractions", "Agt.Core", "Agt.Policy"], ["Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.Extensions.TimeProvider.Testing"]),
        ["Agt.Analyzers"] = new("Agt.Analyzers", [], ["Microsoft.CodeAnalysis.CSharp", "Microsoft.CodeAnalysis.Analyzers"]),
        ["Agt.Analyzers.CodeFixes"] = new("Agt.Analyzers.CodeFixes", ["Agt.Analyzers"], ["Microsoft.CodeAnalysis.CSharp.Workspaces"]),
        ["Agt.Conformance"] = new(
            "Agt.Conformance", ["Agt.Abstractions", "Agt.Core"], ["Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.Extensions.TimeProvider.Testing", "xunit.v3.*"]),
        ["Agt.Govern"] = new("Agt.Govern", ["Agt.Abstractions", "Agt.Core", "Agt.Policy"], ["Microsoft.Extensions.DependencyInjection"]),
        ["Agt.Adapters.SemanticKernel"] = Adapter("Agt.Adapters.SemanticKernel", "Microsoft.SemanticKernel.Abstractions", "Microsoft.SemanticKernel.Core"),
        ["Agt.Adapters.ExtensionsAI"] = Adapter("Agt.Adapters.ExtensionsAI", "Microsoft.Extensions.AI", "Microsoft.Extensions.AI.Abstractions"),
        ["Agt.Storage.Sqlite"] = new("Hosting/Agt.Storage.Sqlite", ["Agt.Abstractions", "Agt.Audit", "Agt.Audit.Verifier"], ["Microsoft.Data.Sqlite"]),
        ["Agt.Storage.Postgres"] = new("Hosting/Agt.Storage.Postgres", ["Agt.Abstractions", "Agt.Audit", "Agt.Audit.Verifier"], ["Npgsql"]),
        ["Agt.Cli"] = new("Hosting/Agt.Cli", ["Agt.Abstractions", "Agt.Core", "Agt.Policy", "Agt.Audit", "Agt.Audit.Verifier", "Agt.Compliance", "Agt.Storage.Postgres", "Agt.Storage.Sqlite"], ["Microsoft.AspNetCore.App", "System.CommandLine", "Spectre.Console"]),
    };

    private static ProjectRule Module(string name, params string[] packages) =>
        new($"Modules/{name}", IsPolicyLanguage(name) ? ["Agt.Abstractions", "Agt.Policy"] : ["Agt.Abstractions"], [.. HostAbstractions, .. packages]);

    private static ProjectRule Adapter(string name, params string[] packages) =>
        new($"Adapters/{name}", ["Agt.Abstractions", "Agt.Core"], [.. HostAbstractions, .. packages]);

    private static bool IsPolicyLanguage(string name) => name.StartsWith("Agt.Policy.", StringComparison.Ordinal);
}
