using System.Text;
using Agt.Policy.Loading;
using Agt.Policy.Signing;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy;

/// <summary>
/// Reads policy files: YAML 1.2 (<c>.yaml</c>, <c>.yml</c>) and JSON (<c>.json</c>), UTF-8. Nothing is ever half loaded: a file with an error gives no document.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public static class PolicyLoader
{
    /// <summary>Loads a file, or all <c>*.yaml</c> and then all <c>*.yml</c> files of a directory, by ordinal name, not those below it (POL-014).</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public static PolicyLoadResult Load(string path, PolicyLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= PolicyLoadOptions.Default;
        if (!Directory.Exists(path))
        {
            return LoadExtended(path, options, new PatternCache());
        }

        List<string> files;
        try
        {
            files = [.. Files(path, ".yaml"), .. Files(path, ".yml")];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refused("AGTP002", path, "The directory cannot be read: " + exception.Message, "Check its permissions.");
        }

        return files.Count switch
        {
            0 => Refused("AGTP003", path, "The directory holds no policy.", "Put *.yaml files there, or name one file."),
            _ when files.Count > options.MaxFiles => Refused("AGTP004", path, $"The directory holds more than {options.MaxFiles} policies.", "Split it, or raise PolicyLoadOptions.MaxFiles."),
            _ => Merge(files, options),
        };
    }

    /// <summary>Loads a text.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public static PolicyLoadResult LoadText(string text, string source = "policy", PolicyLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= PolicyLoadOptions.Default;
        return PolicySigning.RefuseUnsigned(source, options) is { } unsigned
            ? new PolicyLoadResult([], [unsigned])
            : WithoutExtends(LoadBytes(Encoding.UTF8.GetBytes(text), source, text.AsSpan().TrimStart().StartsWith("{"), options, new PatternCache()));
    }

    /// <summary>Loads what a stream holds from where it stands, at most <see cref="PolicyLoadOptions.MaxBytes"/>. The stream stays open.</summary>
    /// <param name="stream">YAML, or JSON if its first character that is no blank is a brace; UTF-8.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public static PolicyLoadResult LoadStream(Stream stream, string source = "policy", PolicyLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= PolicyLoadOptions.Default;
        if (PolicySigning.RefuseUnsigned(source, options) is { } unsigned)
        {
            return new PolicyLoadResult([], [unsigned]);
        }

        try
        {
            return BoundedReader.Read(stream, options.MaxBytes) is { } bytes
                ? WithoutExtends(LoadBytes(bytes, source, bytes.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8), options, new PatternCache()))
                : TooLarge(source, null, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            return Refused("AGTP002", source, "The stream cannot be read: " + exception.Message, "Pass one that is open and can be read.");
        }
    }

    /// <summary>Loads one file, with what it extends.</summary>
    internal static PolicyLoadResult LoadExtended(string path, PolicyLoadOptions options, PatternCache patterns) =>
        new ExtendsResolver(options, patterns, LoadFile).Resolve(LoadFile(path, options, patterns), path);

    /// <summary>A text has no folder in which to find what it extends.</summary>
    private static PolicyLoadResult WithoutExtends(PolicyLoadResult result) => result.Documents is [{ Extends.Count: > 0 } document]
        ? new PolicyLoadResult([], [.. result.Diagnostics, new PolicyDiagnostic(
            DiagnosticSeverity.Error, "AGTP050", document.Source, document.ExtendsPosition, "/extends", "A policy that is not read from a file cannot extend one.", "Load it from a file, or put the rules of the parent into it.")])
        : result;

    private static PolicyLoadResult LoadFile(string path, PolicyLoadOptions options, PatternCache patterns)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return Refused("AGTP001", path, "There is no such file or directory.", "Check the path; it is relative to the current directory of the process.");
            }

            if (file.Length > options.MaxBytes)
            {
                return TooLarge(path, file.Length, options);
            }

            // A file can grow meanwhile, and a device has no length.
            using FileStream stream = file.OpenRead();
            if (BoundedReader.Read(stream, options.MaxBytes) is not { } bytes)
            {
                return TooLarge(path, null, options);
            }

            return PolicySigning.Check(path, bytes, options, out string? signer) is { } refused
                ? new PolicyLoadResult([], [refused])
                : LoadBytes(bytes, path, path.EndsWith(".json", StringComparison.OrdinalIgnoreCase), options, patterns, signer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return Refused("AGTP002", path, "The file cannot be read: " + exception.Message, "Check its permissions.");
        }
    }

    internal static PolicyLoadResult LoadBytes(byte[] bytes, string source, bool json, PolicyLoadOptions options, PatternCache patterns, string? signer = null)
    {
        if (bytes.Length > options.MaxBytes)
        {
            return TooLarge(source, bytes.Length, options);
        }

        string? text = null;
        var bag = new DiagnosticBag(source, () => text ?? Encoding.UTF8.GetString(bytes)) { IsLenient = options.Profile == PolicyProfile.AgentOs10 };
        PolicyDocument? document = null;
        try
        {
            FileEncoding.Check(bytes);
            text = json ? null : Encoding.UTF8.GetString(bytes);
            DocumentNode root = json ? JsonDocumentTreeReader.Read(bytes, options) : YamlDocumentReader.Read(text!, options);
            document = new DocumentBinder(bag, patterns, options).Bind(root, Digest.Of(bytes))?.SignedBy(signer);
        }
        catch (DocumentException exception)
        {
            bag.Error(exception.Code, exception.Position, string.Empty, exception.Message, exception.Fix);
        }

        return new PolicyLoadResult(document is null ? [] : [document], bag.Found);
    }

    private static PolicyLoadResult Merge(List<string> files, PolicyLoadOptions options)
    {
        var patterns = new PatternCache();
        var documents = new List<PolicyDocument>();
        var diagnostics = new List<PolicyDiagnostic>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            PolicyLoadResult result = LoadExtended(file, options, patterns);
            diagnostics.AddRange(result.Diagnostics);
            foreach (PolicyDocument document in result.Documents)
            {
                if (names.TryAdd(document.Name, file))
                {
                    documents.Add(document);
                }
                else
                {
                    diagnostics.Add(new PolicyDiagnostic(
                        DiagnosticSeverity.Error, "AGTP027", file, new SourcePosition(1, 1), "/name",
                        $"The policy {YamlDocumentReader.Shown(document.Name)} is also in {Path.GetFileName(names[document.Name])}.", "Give each policy of a directory a name of its own."));
                }
            }
        }

        return new PolicyLoadResult(documents, diagnostics);
    }

    private static IEnumerable<string> Files(string directory, string extension) =>
        Directory.EnumerateFiles(directory).Where(file => Path.GetExtension(file) == extension).Order(StringComparer.Ordinal);

    private static PolicyLoadResult TooLarge(string source, long? length, PolicyLoadOptions options) =>
        Refused("AGTP005", source, $"The file has {(length is { } bytes ? $"{bytes}" : $"more than {options.MaxBytes}")} bytes; at most {options.MaxBytes} are read.", "Split it, or raise PolicyLoadOptions.MaxBytes.");

    private static PolicyLoadResult Refused(string code, string source, string message, string fix) =>
        new([], [new PolicyDiagnostic(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix)]);
}
