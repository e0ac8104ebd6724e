using Microsoft.CodeAnalysis;

namespace Agt.Analyzers;

/// <summary>What the analyzer says. The pages are docs/analyzers.md.</summary>
internal static class Rules
{
    internal const string Category = "Governance";

    internal static readonly DiagnosticDescriptor Function = new(
        "AGT0301",
        "A kernel function runs past the filters of its kernel",
        "'{0}' runs without a kernel here, and so past every filter: wrap it with WithGovernance, or invoke it through a governed kernel",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Semantic Kernel runs its filters only when a function is invoked through a kernel. A KernelFunction that is used as an AIFunction or AITool is invoked without one.");

    internal static readonly DiagnosticDescriptor Tool = new(
        "AGT0302",
        "A tool of ChatOptions is not governed",
        "'{0}' is handed to a model without governance: wrap it with WithGovernance, or build the client with UseGovernance",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Nothing in this project builds a chat client with UseGovernance, so nobody decides on calls of this tool.");

    internal static readonly DiagnosticDescriptor Map = new(
        "AGT0303",
        "A function map is not governed",
        "The function map '{0}' runs whatever a model calls: wrap it with WithGovernance",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "AutoGen runs the functions of a map directly, past any agent middleware.");
}
