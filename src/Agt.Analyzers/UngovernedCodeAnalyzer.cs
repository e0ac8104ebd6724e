using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Agt.Analyzers;

/// <summary>
/// Finds functions, tools and function maps that a model can call past governance (spec 08, ADP-012). Looks at what one method shows; what comes from elsewhere is not judged.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UngovernedCodeAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc />
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.Function, Rules.Tool, Rules.Map);

    /// <inheritdoc />
    public override void Initialize(AnalysisContext context)
    {
        if (context is null)
        {
            throw new System.ArgumentNullException(nameof(context));
        }

        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        var types = new KnownTypes(context.Compilation);
        if (types.Governance is null)
        {
            // A project that does not know Agt is no business of this analyzer.
            return;
        }

        if (types.KernelFunction is not null)
        {
            context.RegisterOperationAction(operation => OnConversion(operation, types), OperationKind.Conversion);
            context.RegisterOperationAction(operation => OnInvocation(operation, types), OperationKind.Invocation);
        }

        if (types.ChatOptions is not null && types.Function is not null)
        {
            bool? usesGovernance = null;
            context.RegisterOperationAction(
                operation =>
                {
                    usesGovernance ??= UsesGovernance(operation.Compilation, operation.CancellationToken);
                    if (!usesGovernance.Value)
                    {
                        OnToolConversion(operation, types);
                    }
                },
                OperationKind.Conversion);
        }

        context.RegisterOperationAction(OnArgument, OperationKind.Argument);
    }

    /// <summary>Whether the project builds a client that governs the tools it is given, whatever they are.</summary>
    private static bool UsesGovernance(Compilation compilation, CancellationToken cancellationToken) =>
        compilation.SyntaxTrees.Any(tree => tree.GetRoot(cancellationToken).DescendantNodes().OfType<SimpleNameSyntax>().Any(name => name.Identifier.ValueText == "UseGovernance"));

    /// <summary>A KernelFunction becomes an AIFunction or AITool.</summary>
    private static void OnConversion(OperationAnalysisContext context, KnownTypes types)
    {
        var conversion = (IConversionOperation)context.Operation;
        if (KnownTypes.Is(conversion.Operand.Type, types.KernelFunction) && !KnownTypes.Is(conversion.Type, types.KernelFunction) && KnownTypes.Is(conversion.Type, types.Tool)
            && !IsReceiver(conversion))
        {
            Report(context, Rules.Function, conversion.Operand);
        }
    }

    /// <summary>A KernelFunction is invoked by the method that AIFunction has, without a kernel.</summary>
    private static void OnInvocation(OperationAnalysisContext context, KnownTypes types)
    {
        var invocation = (IInvocationOperation)context.Operation;
        if (invocation.TargetMethod.Name == "InvokeAsync" && SymbolEqualityComparer.Default.Equals(invocation.TargetMethod.ContainingType, types.Function)
            && invocation.Instance is { } instance && KnownTypes.Is(GovernedExpressions.Unconverted(instance).Type, types.KernelFunction))
        {
            Report(context, Rules.Function, GovernedExpressions.Unconverted(instance));
        }
    }

    /// <summary>A function that is made here becomes a tool of ChatOptions.</summary>
    private static void OnToolConversion(OperationAnalysisContext context, KnownTypes types)
    {
        var conversion = (IConversionOperation)context.Operation;
        if (SymbolEqualityComparer.Default.Equals(conversion.Type, types.Tool) && KnownTypes.Is(conversion.Operand.Type, types.Function)
            && !KnownTypes.Is(conversion.Operand.Type, types.KernelFunction) && BelongsToChatOptions(conversion, types)
            && GovernedExpressions.IsMadeHere(conversion.Operand) && !GovernedExpressions.IsGoverned(conversion.Operand))
        {
            Report(context, Rules.Tool, conversion.Operand);
        }
    }

    /// <summary>A map of names to functions is handed to AutoGen.</summary>
    private static void OnArgument(OperationAnalysisContext context)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (argument.Parameter is { ContainingType: { } owner } parameter && KnownTypes.IsFunctionMap(parameter.Type) && IsAutoGen(owner.ContainingNamespace)
            && !argument.IsImplicit && argument.Value.ConstantValue is not { HasValue: true, Value: null } && !GovernedExpressions.IsGoverned(argument.Value))
        {
            Report(context, Rules.Map, GovernedExpressions.Unconverted(argument.Value));
        }
    }

    private static bool IsAutoGen(INamespaceSymbol? space)
    {
        while (space is { ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space?.Name == "AutoGen";
    }

    private static bool IsReceiver(IConversionOperation conversion) =>
        (conversion.Parent is IArgumentOperation { Parent: IInvocationOperation call } argument && call.TargetMethod.Name is "WithGovernance" or "Govern" or "GetContentHash")
        || (conversion.Parent is IInvocationOperation invoked && invoked.Instance == conversion);

    /// <summary>Whether the value ends in ChatOptions.Tools: in its initializer, in a collection assigned to it, or in a call of Add on it.</summary>
    private static bool BelongsToChatOptions(IOperation operation, KnownTypes types)
    {
        for (IOperation? each = operation.Parent; each is not null; each = each.Parent)
        {
            switch (each)
            {
                case ISimpleAssignmentOperation assignment:
                    return IsTools(assignment.Target, types);
                case IMemberInitializerOperation member:
                    return IsTools(member.InitializedMember, types);
                case IInvocationOperation invocation when invocation.Instance is { } instance && invocation.TargetMethod.Name == "Add":
                    return IsTools(GovernedExpressions.Unconverted(instance), types) || each.Parent is IObjectOrCollectionInitializerOperation;
                case IAnonymousFunctionOperation or IBlockOperation:
                    return false;
            }
        }

        return false;
    }

    private static bool IsTools(IOperation target, KnownTypes types) =>
        target is IPropertyReferenceOperation { Property: { Name: "Tools", ContainingType: var owner } } && SymbolEqualityComparer.Default.Equals(owner, types.ChatOptions);

    private static void Report(OperationAnalysisContext context, DiagnosticDescriptor rule, IOperation value)
    {
        string text = value.Syntax.ToString();
        context.ReportDiagnostic(Diagnostic.Create(rule, value.Syntax.GetLocation(), text.Length > 60 ? text.Substring(0, 60) + "..." : text));
    }
}
