using System.Reflection;

namespace Agt.Compliance.Packs;

/// <summary>The frameworks that are known: those that come with Agt, and those of the user's files. Immutable and thread-safe.</summary>
public sealed class PackLibrary
{
    private const string Prefix = "packs/";
    private const string SharedQueries = "packs/queries.yaml";
    private const int MaxFiles = 100;
    private readonly SortedDictionary<string, CompliancePack> _packs;
    private readonly IReadOnlyDictionary<string, RecordQuery> _queries;

    private PackLibrary(SortedDictionary<string, CompliancePack> packs, IReadOnlyDictionary<string, RecordQuery> queries)
    {
        _packs = packs;
        _queries = queries;
    }

    /// <summary>The packs, by the wire names of their frameworks.</summary>
    public IReadOnlyDictionary<string, CompliancePack> Packs => _packs;

    /// <summary>The packs that come with Agt.</summary>
    public static PackLibrary BuiltIn()
    {
        Dictionary<string, RecordQuery> queries = PackReader.ReadQueries(Data.Read(SharedQueries), "queries.yaml");
        var library = new PackLibrary(new(StringComparer.Ordinal), queries);
        foreach (string name in Data.Names(Prefix).Where(name => name != SharedQueries))
        {
            library.Add(PackReader.Read(Data.Read(name), name[Prefix.Length..], queries));
        }

        return library;
    }

    /// <summary>The same library with a file added: it extends a framework of the same name, or takes its place if it says <c>mode: replace</c>.</summary>
    /// <param name="utf8">The bytes of the file; 1 MiB at most.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="PackException">It is no pack.</exception>
    public PackLibrary With(ReadOnlySpan<byte> utf8, string file)
    {
        PackReader.Result read = PackReader.Read(utf8, file, _queries);
        var library = new PackLibrary(new(_packs, StringComparer.Ordinal), _queries);
        library.Add(read);
        return library;
    }

    /// <summary>The same library with the files <c>*.yaml</c> and <c>*.yml</c> of a folder added, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="PackException">Some of them are no packs.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public PackLibrary WithFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        string[] files = [.. Directory.EnumerateFiles(folder).Where(file => file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)).Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        if (files.Length > MaxFiles)
        {
            throw new PackException(new PackProblem(folder, 1, 1, $"The folder has more than {MaxFiles} packs.", "Remove some."));
        }

        PackLibrary library = this;
        var problems = new List<PackProblem>();
        foreach (string file in files)
        {
            try
            {
                library = library.With(Data.ReadFile(file), Path.GetFileName(file));
            }
            catch (PackException exception)
            {
                problems.AddRange(exception.Problems);
            }
        }

        return problems.Count == 0 ? library : throw new PackException(problems);
    }

    /// <summary>Takes packs by name.</summary>
    /// <param name="frameworks">Wire names; <c>all</c> for every one. Empty for the default, <c>soc2</c>.</param>
    /// <exception cref="ArgumentException">One is not known; the message lists those that are.</exception>
    public IReadOnlyList<CompliancePack> Select(IEnumerable<string> frameworks)
    {
        ArgumentNullException.ThrowIfNull(frameworks);
        string[] names = [.. frameworks.Distinct(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            names = ["soc2"];
        }

        if (names.Contains("all"))
        {
            return [.. _packs.Values];
        }

        return [.. names.Select(name => _packs.TryGetValue(name, out CompliancePack? pack) ? pack
            : throw new ArgumentException($"There is no framework {YamlTree.Quoted(name)}. Known are {string.Join(", ", _packs.Keys)}, and 'all'."))];
    }

    private void Add(PackReader.Result read)
    {
        CompliancePack pack = read.Pack;
        if (read.Replaces || !_packs.TryGetValue(pack.Framework, out CompliancePack? old))
        {
            _packs[pack.Framework] = pack;
            return;
        }

        Dictionary<string, ComplianceControl> own = pack.Controls.ToDictionary(control => control.ControlId, StringComparer.Ordinal);
        _packs[pack.Framework] = pack with
        {
            Note = pack.Note ?? old.Note,
            Dates = [.. old.Dates.Where(date => !pack.Dates.Any(other => other.Name == date.Name)), .. pack.Dates],
            Controls = [.. old.Controls.Select(control => own.Remove(control.ControlId, out ComplianceControl? changed) ? changed : control), .. pack.Controls.Where(control => own.ContainsKey(control.ControlId))],
            Actions = [.. old.Actions, .. pack.Actions],
            Obligations = [.. old.Obligations, .. pack.Obligations],
            Sources = [.. old.Sources, .. pack.Sources],
        };
    }

    /// <summary>Files of data: in the assembly, and of the user.</summary>
    internal static class Data
    {
        private static Assembly Assembly => typeof(Data).Assembly;

        internal static IEnumerable<string> Names(string prefix) => Assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

        internal static byte[] Read(string name)
        {
            using Stream stream = Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The data '{name}' is missing from the assembly.");
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }

        /// <summary>Reads a file, up to one byte more than it may have.</summary>
        internal static byte[] ReadFile(string path)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            byte[] bytes = new byte[Math.Min(stream.Length, YamlTree.MaxBytes + 1)];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
