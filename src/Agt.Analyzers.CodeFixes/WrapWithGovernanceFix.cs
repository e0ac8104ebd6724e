using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Agt.Analyzers;

/// <summary>Puts <c>.WithGovernance(governance)</c> behind what is not governed, if an <c>IGovernance</c> is in reach.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(WrapWithGovernanceFix))]
[Shared]
public sealed class WrapWithGovernanceFix : CodeFixProvider
{
    /// <inheritdoc />
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.Function.Id, Rules.Tool.Id, Rules.Map.Id);

    /// <inheritdoc />
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc />
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax expression || model is null
            || GovernanceInReach(model, expression, context.CancellationToken) is not { } governance)
        {
            return;
        }

        context.RegisterCodeFix(
            CodeAction.Create($"Wrap with WithGovernance({governance})", _ => Task.FromResult(Wrap(context.Document, root, expression, governance)), nameof(WrapWithGovernanceFix)),
            context.Diagnostics);
    }

    private static Document Wrap(Document document, SyntaxNode root, ExpressionSyntax expression, string governance)
    {
        ExpressionSyntax receiver = expression.WithoutTrivia();
        if (expression is not (IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax
            or ObjectCreationExpressionSyntax or ThisExpressionSyntax))
        {
            receiver = SyntaxFactory.ParenthesizedExpression(receiver);
        }

        InvocationExpressionSyntax wrapped = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, receiver, SyntaxFactory.IdentifierName("WithGovernance")),
            SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(SyntaxFactory.ParseExpression(governance)))));
        return document.WithSyntaxRoot(root.ReplaceNode(expression, wrapped.WithTriviaFrom(expression).WithAdditionalAnnotations(Formatter.Annotation)));
    }

    /// <summary>The name of a local, parameter, field or property of type IGovernance that can be used here.</summary>
    private static string? GovernanceInReach(SemanticModel model, ExpressionSyntax expression, CancellationToken cancellationToken)
    {
        INamedTypeSymbol? type = model.Compilation.GetTypeByMetadataName("Agt.IGovernance");
        bool isStatic = model.GetEnclosingSymbol(expression.SpanStart, cancellationToken)?.IsStatic == true;
        return type is null ? null : model.LookupSymbols(expression.SpanStart)
            .Where(symbol => symbol switch
            {
                ILocalSymbol local => Is(local.Type) && IsBefore(local, expression),
                IParameterSymbol parameter => Is(parameter.Type),
                IFieldSymbol field => Is(field.Type) && (field.IsStatic || !isStatic),
                IPropertySymbol property => Is(property.Type) && (property.IsStatic || !isStatic),
                _ => false,
            })
            .OrderBy(symbol => symbol.Kind switch { SymbolKind.Local => 0, SymbolKind.Parameter => 1, SymbolKind.Field => 2, _ => 3 })
            .ThenBy(symbol => symbol.Name, System.StringComparer.Ordinal)
            .FirstOrDefault()?.Name;

        bool Is(ITypeSymbol found) => SymbolEqualityComparer.Default.Equals(found, type) || found.AllInterfaces.Contains(type!, SymbolEqualityComparer.Default);
    }

    private static bool IsBefore(ILocalSymbol local, ExpressionSyntax expression) =>
        local.DeclaringSyntaxReferences.FirstOrDefault() is { } declared && declared.SyntaxTree == expression.SyntaxTree && declared.Span.End <= expression.SpanStart;
}
