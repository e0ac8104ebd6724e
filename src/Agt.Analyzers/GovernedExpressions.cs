using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Agt.Analyzers;

/// <summary>Says whether an expression has been governed, as far as the method shows.</summary>
internal static class GovernedExpressions
{
    private const int MostSteps = 8;

    /// <summary>The expression without the conversions that the compiler put around it.</summary>
    internal static IOperation Unconverted(IOperation operation)
    {
        while (operation is IConversionOperation conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }

    /// <summary>Whether the value comes out of a call that governs, directly or by way of a local that is assigned once.</summary>
    internal static bool IsGoverned(IOperation operation)
    {
        for (int i = 0; i < MostSteps; i++)
        {
            operation = Unconverted(operation);
            switch (operation)
            {
                case IInvocationOperation invocation:
                    return invocation.TargetMethod.Name is "WithGovernance" or "Govern";
                case ILocalReferenceOperation { Local: var local } when Initializer(operation, local) is { } value:
                    operation = value;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Whether the value is made where it is used, or in the same method: what comes from elsewhere (a parameter, a field) may be governed there.</summary>
    internal static bool IsMadeHere(IOperation operation)
    {
        for (int i = 0; i < MostSteps; i++)
        {
            operation = Unconverted(operation);
            switch (operation)
            {
                case IInvocationOperation or IObjectCreationOperation:
                    return true;
                case ILocalReferenceOperation { Local: var local } when Initializer(operation, local) is { } value:
                    operation = value;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private static IOperation? Initializer(IOperation reference, ILocalSymbol local)
    {
        if (local.DeclaringSyntaxReferences.Length != 1
            || local.DeclaringSyntaxReferences[0].GetSyntax() is not VariableDeclaratorSyntax { Initializer.Value: { } value } declarator
            || reference.SemanticModel is not { } model || model.SyntaxTree != value.SyntaxTree || IsAssignedAgain(model, declarator, local))
        {
            return null;
        }

        return model.GetOperation(value);
    }

    private static bool IsAssignedAgain(SemanticModel model, VariableDeclaratorSyntax declarator, ILocalSymbol local)
    {
        SyntaxNode scope = declarator.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? declarator.SyntaxTree.GetRoot();
        foreach (SyntaxNode node in scope.DescendantNodes())
        {
            if (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } && name.Identifier.ValueText == local.Name
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, local))
            {
                return true;
            }
        }

        return false;
    }
}
