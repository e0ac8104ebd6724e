using Agt.Policy.Loading;
using Agt.Policy.Syntax;

namespace Agt.Policy.Folders;

/// <summary>
/// Reads the policy files of a folder tree: <c>governance.yaml</c>, else <c>governance.yml</c>, of every folder (spec 01, POL-110). A file that is refused is kept as such, so that its folder is
/// denied and the host goes on (POL-120); links to folders are not followed.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="given">How the system names files, as far as that is known of the system as a whole.</param>
/// <param name="options">How files are read.</param>
/// <param name="maxFolders">How many folders there may be.</param>
internal sealed class FolderTreeReader(string root, PathRules given, PolicyLoadOptions options, int maxFolders)
{
    internal const string FileName = "governance.yaml";
    internal const string OtherFileName = "governance.yml";

    private static readonly EnumerationOptions Exact = new() { AttributesToSkip = 0, MatchCasing = MatchCasing.CaseSensitive, RecurseSubdirectories = false };

    private static readonly EnumerationOptions Real = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false, RecurseSubdirectories = false };

    private readonly List<PolicyDiagnostic> _found = [];
    private readonly List<FolderFile> _files = [];
    private readonly PatternCache _patterns = new();
    private bool _ignoresCase = given.IgnoresCase;

    /// <summary>Whether a path is that of the policy file of a folder, there already or not, in whatever case of letters.</summary>
    internal static bool IsPolicy(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.Equals(FileName, StringComparison.OrdinalIgnoreCase) || name.Equals(OtherFileName, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads the tree.</summary>
    /// <param name="errors">Where it is said why there is no tree at all.</param>
    /// <returns>The tree; null if the root cannot be read, or there is too much below it.</returns>
    internal FolderTree? Read(List<PolicyDiagnostic> errors)
    {
        if (!Directory.Exists(root))
        {
            errors.Add(Error("AGTP060", root, "There is no such directory.", "Correct PolicyOptions.RootDirectory; it is relative to the current directory of the process."));
            return null;
        }

        string real;
        try
        {
            real = ExtendsResolver.RealPath(Path.GetFullPath(root));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(Error("AGTP060", root, "The directory cannot be read: " + exception.Message, "Check its permissions."));
            return null;
        }

        var open = new Stack<string>([string.Empty]);
        int folders = 0;
        while (open.TryPop(out string? folder))
        {
            if (++folders > maxFolders)
            {
                errors.Add(Error("AGTP061", root, $"There are more than {maxFolders} folders.", "Choose a root further down, or raise PolicyOptions.MaxFolders."));
                return null;
            }

            ReadFolder(real, folder, open);
            if (_files.Count > options.MaxFiles)
            {
                errors.Add(Error("AGTP004", root, $"There are more than {options.MaxFiles} policies below it.", "Choose a root further down, or raise PolicyLoadOptions.MaxFiles."));
                return null;
            }
        }

        PathRules rules = given with { IgnoresCase = _ignoresCase };
        _files.Sort((one, other) => string.CompareOrdinal(one.Folder, other.Folder));
        if (_files.GroupBy(file => rules.Compose(file.Folder), rules.Comparer).FirstOrDefault(group => group.Count() > 1) is { } same)
        {
            errors.Add(Error("AGTP062", root, $"The folders {YamlDocumentReader.Shown(same.First().Folder)} and {YamlDocumentReader.Shown(same.Last().Folder)} cannot be told apart on this system.", "Rename one of them."));
            return null;
        }

        return new FolderTree(real, rules, _files, _found);
    }

    private void ReadFolder(string real, string folder, Stack<string> open)
    {
        string path = Path.Combine(real, folder);
        try
        {
            foreach (string below in Directory.EnumerateDirectories(path, "*", Real))
            {
                open.Push(Under(folder, Path.GetFileName(below)));
            }

            string file = Path.Combine(path, FileName);
            string other = Path.Combine(path, OtherFileName);
            if (!File.Exists(file))
            {
                file = other;
            }
            else if (File.Exists(other))
            {
                _found.Add(new PolicyDiagnostic(DiagnosticSeverity.Warning, "AGTP063", Shown(folder, OtherFileName), default, string.Empty, $"The folder has {FileName} as well, and this file is not read.", "Remove one of them."));
            }

            if (File.Exists(file))
            {
                _ignoresCase = _ignoresCase || IgnoresCase(path, Path.GetFileName(file).ToUpperInvariant());
                ReadFile(real, folder, file);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Refuse(folder, FileName, [Error("AGTP002", Shown(folder, string.Empty), "The folder cannot be read: " + exception.Message, "Check its permissions.")]);
        }
    }

    /// <summary>Whether a folder finds a file under a name that it does not list: some volumes ignore case on any system.</summary>
    private static bool IgnoresCase(string path, string name) => File.Exists(Path.Combine(path, name)) && !Directory.EnumerateFiles(path, name, Exact).Any();

    private void ReadFile(string real, string folder, string file)
    {
        string name = Path.GetFileName(file);
        if (!ExtendsResolver.IsBelow(ExtendsResolver.RealPath(file), real))
        {
            Refuse(folder, name, [Error("AGTP064", Shown(folder, name), "The file is a link that leads out of the root directory.", "Put the file itself there.")]);
            return;
        }

        PolicyLoadResult result = PolicyLoader.LoadExtended(file, options, _patterns);
        if (result is { IsSuccess: true, Documents: [var document] })
        {
            _found.AddRange(result.Diagnostics);
            _files.Add(new FolderFile(folder, Under(folder, name), document));
            return;
        }

        Refuse(folder, name, result.Diagnostics);
    }

    private void Refuse(string folder, string name, IReadOnlyList<PolicyDiagnostic> findings)
    {
        _found.AddRange(findings);
        _files.Add(new FolderFile(folder, Under(folder, name), [.. findings.Where(finding => finding.Severity == DiagnosticSeverity.Error)]));
    }

    private string Shown(string folder, string name) => Path.Combine(root, folder, name);

    private static string Under(string folder, string name) => folder.Length == 0 ? name : folder + "/" + name;

    private static PolicyDiagnostic Error(string code, string source, string message, string fix) => new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
