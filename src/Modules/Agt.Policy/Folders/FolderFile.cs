using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Folders;

/// <summary>The policy file of one folder, sound or not. Immutable.</summary>
internal sealed class FolderFile
{
    private readonly Glob? _scope;
    private readonly Glob? _scopeInLowerCase;

    /// <summary>Takes a document.</summary>
    /// <param name="folder">The folder relative to the root.</param>
    /// <param name="name">The file relative to the root; the name of the document in chains.</param>
    /// <param name="document">What it says.</param>
    internal FolderFile(string folder, string name, PolicyDocument document)
    {
        Folder = folder;
        Name = name;
        Document = document;
        Digest = document.Digest;
        if (document.PathScope is { } scope)
        {
            _scope = new Glob(scope);
            _scopeInLowerCase = new Glob(scope.ToLowerInvariant());
        }
    }

    /// <summary>Takes what is wrong with a file.</summary>
    /// <param name="folder">The folder relative to the root.</param>
    /// <param name="name">The file relative to the root.</param>
    /// <param name="errors">Why it was refused; one at least.</param>
    internal FolderFile(string folder, string name, IReadOnlyList<PolicyDiagnostic> errors)
    {
        string text = string.Join(Environment.NewLine, errors);
        Folder = folder;
        Name = name;
        Refusal = FolderReasons.Broken(text);
        Digest = Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));
    }

    internal string Folder { get; }

    internal string Name { get; }

    /// <summary>What it says; null if it was refused.</summary>
    internal PolicyDocument? Document { get; }

    /// <summary>The verdict on whatever it would be asked for, if it was refused.</summary>
    internal Verdict Refusal { get; }

    internal Digest Digest { get; }

    internal bool Inherits => Document is null or { Inherits: true };

    /// <summary>Whether it is about a path (POL-112). A folder counts as its own content too: what befalls a folder befalls what is in it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="ignoresCase">Whether another case of letters is the same path.</param>
    internal bool IsAbout(in ResolvedPath path, bool ignoresCase)
    {
        if (_scope is null || _scopeInLowerCase is null)
        {
            return true;
        }

        Glob scope = ignoresCase ? _scopeInLowerCase : _scope;
        string text = ignoresCase ? path.Path.ToLowerInvariant() : path.Path;
        return scope.IsMatch(text) || (path.IsFolder && text.Length > 0 && scope.IsMatch(text + "/"));
    }
}
