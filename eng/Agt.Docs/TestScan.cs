using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agt.Docs;

/// <summary>
/// Finds <c>[Requirement("...")]</c> in the source of the tests. It reads syntax only, so it needs no build and gives the same answer on every machine.
/// </summary>
internal static class TestScan
{
    private const string Mark = "Requirement";

    /// <summary>Scans every C# file below <paramref name="testsFolder"/>.</summary>
    internal static IReadOnlyList<RequirementProof> Folder(string testsFolder)
    {
        var found = new List<RequirementProof>();
        foreach (string file in SourceFiles.Under(testsFolder, ".cs"))
        {
            string text = File.ReadAllText(file);
            if (text.Contains(Mark, StringComparison.Ordinal))
                found.AddRange(Source(Path.GetRelativePath(testsFolder, file).Replace('\\', '/'), text));
        }

        return found;
    }

    /// <summary>Scans one file.</summary>
    internal static IEnumerable<RequirementProof> Source(string path, string text)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(text).GetRoot();
        foreach (AttributeSyntax attribute in root.DescendantNodes().OfType<AttributeSyntax>())
        {
            if (NameOf(attribute) != Mark)
                continue;
            string source = $"{path}:{attribute.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
            (string test, bool runs) = Target(attribute.Parent?.Parent, source);
            if (!runs)
                throw new DocsException($"{source}: {test} carries [Requirement] but is no test that always runs (no Fact or Theory, or a Skip).");

            string? partial = null;
            var ids = new List<string>();
            foreach (AttributeArgumentSyntax argument in attribute.ArgumentList?.Arguments ?? [])
            {
                string value = Text(argument.Expression, source);
                if (argument.NameEquals?.Name.Identifier.ValueText == "Partial")
                    partial = value;
                else
                    ids.Add(value);
            }

            if (ids.Count == 0)
                throw new DocsException($"{source}: [Requirement] without an id.");
            foreach (string id in ids)
                yield return new RequirementProof(id, test, partial, source);
        }
    }

    private static (string Test, bool Runs) Target(SyntaxNode? node, string source) => node switch
    {
        MethodDeclarationSyntax method => ($"{ClassOf(method)}.{method.Identifier.ValueText}", IsTest(method)),
        ClassDeclarationSyntax type => ($"{ClassOf(type)}.*", type.Members.OfType<MethodDeclarationSyntax>().Any(IsTest)),
        _ => throw new DocsException($"{source}: [Requirement] belongs on a test method or class."),
    };

    private static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists.SelectMany(list => list.Attributes)
        .Any(a => (NameOf(a).EndsWith("Fact", StringComparison.Ordinal) || NameOf(a).EndsWith("Theory", StringComparison.Ordinal)) && !IsSkipped(a));

    private static bool IsSkipped(AttributeSyntax attribute)
    {
        List<string?> names = [.. (attribute.ArgumentList?.Arguments ?? []).Select(a => a.NameEquals?.Name.Identifier.ValueText)];
        return names.Contains("Skip") && !names.Contains("SkipUnless") && !names.Contains("SkipWhen");
    }

    private static string NameOf(AttributeSyntax attribute)
    {
        string name = attribute.Name switch
        {
            QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
            AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
            SimpleNameSyntax simple => simple.Identifier.ValueText,
            _ => attribute.Name.ToString(),
        };
        return name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
    }

    private static string ClassOf(SyntaxNode node) => string.Join('.', node.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Reverse().Select(t => t.Identifier.ValueText));

    private static string Text(ExpressionSyntax expression, string source) => expression switch
    {
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => literal.Token.ValueText,
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => Text(sum.Left, source) + Text(sum.Right, source),
        _ => throw new DocsException($"{source}: [Requirement] takes text literals only."),
    };
}
