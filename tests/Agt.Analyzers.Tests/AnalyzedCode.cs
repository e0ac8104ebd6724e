using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Agt.Analyzers.Tests;

/// <summary>Code that is compiled against the real frameworks and looked at by the analyzer.</summary>
internal static class AnalyzedCode
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Threading.Tasks;
        using Agt;
        using Microsoft.Extensions.AI;
        using Microsoft.SemanticKernel;

        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>What the analyzer says of members of a class: ids and the text that each is about, in order.</summary>
    internal static async Task<IReadOnlyList<(string Id, string Text)>> FindAsync(string members, string more = "")
    {
        using var workspace = new AdhocWorkspace();
        Document document = Add(workspace, members, more);
        SourceText text = await document.GetTextAsync();
        return [.. (await AnalyzeAsync(document)).Select(found => (found.Id, text.ToString(found.Location.SourceSpan)))];
    }

    /// <summary>The members after every fix that is offered.</summary>
    internal static async Task<string> FixAsync(string members, string more = "")
    {
        using var workspace = new AdhocWorkspace();
        Document document = Add(workspace, members, more);
        for (int i = 0; i < 10; i++)
        {
            CodeAction? action = null;
            foreach (Diagnostic found in await AnalyzeAsync(document))
            {
                await new WrapWithGovernanceFix().RegisterCodeFixesAsync(new CodeFixContext(document, found, (offered, _) => action ??= offered, CancellationToken.None));
            }

            if (action is null)
            {
                break;
            }

            var changed = (ApplyChangesOperation)(await action.GetOperationsAsync(CancellationToken.None)).Single();
            document = changed.ChangedSolution.GetDocument(document.Id)!;
        }

        string text = (await document.GetTextAsync()).ToString();
        int from = text.IndexOf("/*{*/", StringComparison.Ordinal) + 5;
        return text[from..text.IndexOf("/*}*/", StringComparison.Ordinal)].Trim();
    }

    private static Document Add(AdhocWorkspace workspace, string members, string more)
    {
        ProjectId project = ProjectId.CreateNewId();
        Solution solution = workspace.CurrentSolution
            .AddProject(ProjectInfo.Create(
                project, VersionStamp.Default, "Sample", "Sample", LanguageNames.CSharp, compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
                parseOptions: new CSharpParseOptions(LanguageVersion.Latest), metadataReferences: References));
        DocumentId document = DocumentId.CreateNewId(project);
        return solution.AddDocument(document, "Sample.cs", $"{Usings}{more}\npublic class Sample\n{{\n/*{{*/{members}/*}}*/\n}}\n").GetDocument(document)!;
    }

    private static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(Document document)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync())!;
        Diagnostic? broken = compilation.GetDiagnostics().FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error);
        Assert.True(broken is null, broken?.ToString());
        ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers([new UngovernedCodeAnalyzer()]).GetAllDiagnosticsAsync();
        Assert.DoesNotContain(found, each => each.Id == "AD0001");
        return [.. found.Where(each => each.Id.StartsWith("AGT", StringComparison.Ordinal)).OrderBy(each => each.Location.SourceSpan.Start)];
    }
}
