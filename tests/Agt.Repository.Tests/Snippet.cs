using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agt.Repository.Tests;

/// <summary>
/// One <c>csharp</c> block of a Markdown page. An HTML comment <c>&lt;!-- csharp-prelude ... --&gt;</c> right before the block holds code the reader need not see:
/// usings, and the variables that the block takes as given.
/// </summary>
internal sealed partial record Snippet(string Page, int Line, string Prelude, string Code)
{
    private const string NotCompiled = "// not compiled:";

    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>Whole files of test projects that pages show; those projects compile and run them.</summary>
    private static readonly Lazy<HashSet<string>> Quoted = new(() =>
        [.. Repository.Files("tests", ".cs").Where(path => path.Contains("/Docs/", StringComparison.Ordinal)).Select(path => Repository.Read(path).ReplaceLineEndings("\n").Trim())]);

    /// <summary>The reason given for not compiling the block, in its own first line or in that of its prelude; null when it is to compile.</summary>
    internal string? Excuse => ExcuseOf(Code) ?? ExcuseOf(Prelude);

    internal string Place => $"{Page}:{Line}";

    /// <summary>The blocks of one page, in order.</summary>
    internal static IEnumerable<Snippet> In(string page, string markdown)
    {
        foreach (Match match in Block().Matches(markdown.ReplaceLineEndings("\n")))
        {
            int line = markdown.AsSpan(0, match.Groups["code"].Index).Count('\n') + 1;
            yield return new Snippet(page, line, match.Groups["prelude"].Value, match.Groups["code"].Value);
        }
    }

    /// <summary>Compiles the block against everything the tests run on and gives the errors.</summary>
    internal IReadOnlyList<string> Errors()
    {
        if (Quoted.Value.Contains(Code.Trim()))
        {
            return [];
        }

        var options = new CSharpParseOptions(LanguageVersion.Latest);
        // usings may only come first, so those of the block move above the rest of the prelude
        (string blockUsings, string body) = SplitUsings(Code, options);
        (string preludeUsings, string given) = SplitUsings(Prelude, options);
        SyntaxTree tree = CSharpSyntaxTree.ParseText($"{preludeUsings}\n{blockUsings}\n{given}\n#line {Line} \"{Page}\"\n{body}", options);
        bool program = tree.GetRoot().DescendantNodes().OfType<GlobalStatementSyntax>().Any();
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, options), tree],
            References.Value,
            new CSharpCompilationOptions(program ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => $"{Place}: {d.Id} {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}")];
    }

    private static string? ExcuseOf(string code) =>
        code.StartsWith(NotCompiled, StringComparison.Ordinal) ? code.Split('\n')[0][NotCompiled.Length..].Trim() : null;

    private static (string Usings, string Body) SplitUsings(string code, CSharpParseOptions options)
    {
        CompilationUnitSyntax unit = CSharpSyntaxTree.ParseText(code, options).GetCompilationUnitRoot();
        if (unit.Usings.Count == 0)
            return ("", code);
        int end = unit.Usings.FullSpan.End;
        return (code[..end], new string('\n', code.AsSpan(0, end).Count('\n')) + code[end..]);
    }

    [GeneratedRegex("(<!-- csharp-prelude\\n(?<prelude>.*?)-->\\n+)?^[ ]*```(csharp|cs|c#)[^\\n]*\\n(?<code>.*?)^[ ]*```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Block();
}
