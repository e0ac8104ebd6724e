using Microsoft.CodeAnalysis;

namespace Agt.Analyzers;

/// <summary>The types of frameworks that a compilation knows; null where it does not.</summary>
internal sealed class KnownTypes
{
    internal KnownTypes(Compilation compilation)
    {
        KernelFunction = compilation.GetTypeByMetadataName("Microsoft.SemanticKernel.KernelFunction");
        Tool = compilation.GetTypeByMetadataName("Microsoft.Extensions.AI.AITool");
        Function = compilation.GetTypeByMetadataName("Microsoft.Extensions.AI.AIFunction");
        ChatOptions = compilation.GetTypeByMetadataName("Microsoft.Extensions.AI.ChatOptions");
        Governance = compilation.GetTypeByMetadataName("Agt.IGovernance");
    }

    internal INamedTypeSymbol? KernelFunction { get; }

    internal INamedTypeSymbol? Tool { get; }

    internal INamedTypeSymbol? Function { get; }

    internal INamedTypeSymbol? ChatOptions { get; }

    internal INamedTypeSymbol? Governance { get; }

    /// <summary>Whether a type is another one or derives from it.</summary>
    internal static bool Is(ITypeSymbol? type, INamedTypeSymbol? other)
    {
        for (ITypeSymbol? each = type; other is not null && each is not null; each = each.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(each, other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a type is the map of names to functions that AutoGen takes: <c>IDictionary&lt;string, Func&lt;string, Task&lt;string&gt;&gt;&gt;</c> or a type that is one.</summary>
    internal static bool IsFunctionMap(ITypeSymbol? type)
    {
        if (type is null)
        {
            return false;
        }

        if (IsMapInterface(type))
        {
            return true;
        }

        foreach (INamedTypeSymbol each in type.AllInterfaces)
        {
            if (IsMapInterface(each))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMapInterface(ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "IDictionary", TypeArguments.Length: 2 } map
        && map.TypeArguments[0].SpecialType == SpecialType.System_String
        && map.TypeArguments[1] is INamedTypeSymbol { Name: "Func", TypeArguments.Length: 2 } function
        && function.TypeArguments[0].SpecialType == SpecialType.System_String
        && function.TypeArguments[1] is INamedTypeSymbol { Name: "Task", TypeArguments.Length: 1 } task
        && task.TypeArguments[0].SpecialType == SpecialType.System_String;
}
