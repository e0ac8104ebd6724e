using System.Globalization;
using System.Security.Cryptography;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Attestation;

/// <summary>Reads what a host says of itself (<c>agt-runtime-evidence/v1</c>, YAML or JSON) and looks whether it is there (spec 09, CMP-301). Immutable.</summary>
public sealed class RuntimeEvidence
{
    /// <summary>The form of the file.</summary>
    public const string Schema = "agt-runtime-evidence/v1";

    /// <summary>The name of the file in the evidence directory.</summary>
    public const string FileName = "evidence.yaml";

    /// <summary>The largest file that is read, 10 MiB.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    private const int MaxFiles = 1_000;

    private RuntimeEvidence(IReadOnlyList<EvidenceCheck> checks, IReadOnlyList<PackSource> files, IReadOnlyList<(string Name, string Version)> packages)
    {
        Checks = checks;
        Files = files;
        Packages = packages;
    }

    /// <summary>The six checks, in their order.</summary>
    public IReadOnlyList<EvidenceCheck> Checks { get; }

    /// <summary>The policy files that were read, with their SHA-256.</summary>
    public IReadOnlyList<PackSource> Files { get; }

    /// <summary>The packages that the host names.</summary>
    internal IReadOnlyList<(string Name, string Version)> Packages { get; }

    /// <summary>Reads <c>evidence.yaml</c> in a directory and checks what it names.</summary>
    /// <param name="directory">The evidence directory. Nothing outside of it is read.</param>
    /// <exception cref="PackException">The file is malformed, too large, or names files outside of the directory.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RuntimeEvidence Read(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var problems = new List<PackProblem>();
        var reader = new NodeReader(YamlTree.Read(Bytes(directory, FileName, FileName, 1), FileName), FileName, problems, "The file");
        string schema = reader.Required("schema");
        if (schema.Length > 0 && schema != Schema)
        {
            reader.Report(reader.Take("schema")!, $"The schema is {YamlTree.Quoted(schema)}.", $"This build reads '{Schema}'.");
        }

        IReadOnlyList<string> names = reader.Texts("policy_files");
        int tools = reader.Take("tools") is { } list ? reader.Texts(list, "tools").Count : 0;
        NodeReader? sink = reader.Take("audit_sink") is { } sinkNode ? reader.Child(sinkNode, "'audit_sink'") : null;
        bool audited = sink?.Flag("enabled", false) ?? false;
        string? target = sink?.Text("target");
        sink?.Finish();
        NodeReader? identity = reader.Take("identity") is { } identityNode ? reader.Child(identityNode, "'identity'") : null;
        bool identified = identity?.Flag("enabled", false) ?? false;
        identity?.Text("method");
        identity?.Finish();
        var packages = new List<(string Name, string Version)>();
        foreach (PackNode node in reader.Take("packages")?.Items ?? [])
        {
            NodeReader package = reader.Child(node, "A package");
            packages.Add((package.Required("name", 256), package.Required("version", 128)));
            package.Finish();
        }

        reader.Finish();
        if (names.Count > MaxFiles)
        {
            reader.Report(reader.Take("policy_files")!, $"There are more than {MaxFiles} policy files.", "Name fewer.");
        }

        if (problems.Count > 0)
        {
            throw new PackException(problems);
        }

        var files = new List<PackSource>();
        string? open = null;
        foreach (string name in names)
        {
            byte[] bytes = Bytes(directory, name, FileName, reader.Take("policy_files")!.Line);
            files.Add(new PackSource(name, Convert.ToHexStringLower(SHA256.HashData(bytes))));
            open ??= IsDefaultDeny(bytes, name) ? null : name;
        }

        return new RuntimeEvidence(
            [
                new("policy_files", files.Count > 0, files.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{files.Count} policy files are there.") : "No policy file is named."),
                new("default_deny", files.Count > 0 && open is null, files.Count == 0 ? "There is no policy to deny by default." : open is null ? "Every policy denies by default." : $"The policy '{open}' does not say 'deny' as its default."),
                new("tools", tools > 0, tools > 0 ? string.Create(CultureInfo.InvariantCulture, $"{tools} tools are declared.") : "No tool is declared."),
                new("audit_sink", audited && target is not null, audited && target is not null ? "The audit sink is on and has a target." : "The audit sink is off, or has no target."),
                new("identity", identified, identified ? "Identity is on." : "Identity is off."),
                new("packages", packages.Count > 0, packages.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{packages.Count} packages are named with their versions.") : "No packages are named."),
            ],
            files, packages);
    }

    /// <summary>Whether a policy says exactly <c>deny</c>, as its own default or in its <c>defaults</c>; where it says both, both must.</summary>
    private static bool IsDefaultDeny(byte[] policy, string file)
    {
        PackNode root;
        try
        {
            root = YamlTree.Read(policy, file);
        }
        catch (PackException)
        {
            // What cannot be read here is not known to deny.
            return false;
        }

        var said = new List<string?>();
        foreach ((string name, _, PackNode value) in root.Members ?? [])
        {
            if (name == "default_action")
            {
                said.Add(value.Text);
            }
            else if (name == "defaults")
            {
                said.AddRange((value.Members ?? []).Where(member => member.Name is "action" or "default_action").Select(member => member.Value.Text));
            }
        }

        return said.Count > 0 && said.All(value => value == "deny");
    }

    /// <summary>Reads a file below a directory. Neither its name nor a link on its way leads out.</summary>
    private static byte[] Bytes(string directory, string name, string file, int line)
    {
        string root = Path.GetFullPath(directory);
        string path = Path.GetFullPath(Path.Combine(root, name));
        string relative = Path.GetRelativePath(root, path);
        if (Path.IsPathRooted(name) || relative == "." || relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.IsPathRooted(relative))
        {
            throw new PackException(new PackProblem(file, line, 1, $"The file {YamlTree.Quoted(name)} is outside of the evidence directory.", "Name files below it, by relative paths."));
        }

        string at = root;
        foreach (string part in relative.Split(Path.DirectorySeparatorChar))
        {
            at = Path.Combine(at, part);
            if (new FileInfo(at).LinkTarget is not null)
            {
                throw new PackException(new PackProblem(file, line, 1, $"The file {YamlTree.Quoted(name)} is reached by a link.", "Put the file itself into the evidence directory."));
            }
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > MaxBytes)
        {
            throw new PackException(new PackProblem(file, line, 1, $"The file {YamlTree.Quoted(name)} has more than {MaxBytes} bytes.", "Take a smaller one."));
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
