using System.Text.RegularExpressions;

namespace Agt.Docs;

/// <summary>The requirement rows this product answers for, in file and line order.</summary>
internal sealed partial class RequirementTable
{
    internal const string DecisionsFile = "decisions.tsv";
    internal const string ExclusionsFile = "exclusions.tsv";

    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    private RequirementTable(List<Requirement> rows)
    {
        Rows = rows;
        for (int i = 0; i < rows.Count; i++)
        {
            if (!_index.TryAdd(rows[i].Id, i))
                throw new DocsException($"{rows[i].Source}: {rows[i].Id} is listed twice.");
        }
    }

    internal IReadOnlyList<Requirement> Rows { get; }

    internal bool Contains(string id) => _index.ContainsKey(id);

    /// <summary>The ids from <paramref name="first"/> to <paramref name="last"/> in table order; null when either is unknown or they are reversed.</summary>
    internal IReadOnlyList<string>? Range(string first, string last)
    {
        if (!_index.TryGetValue(first, out int from) || !_index.TryGetValue(last, out int to) || to < from)
            return null;
        return [.. Rows.Skip(from).Take(to - from + 1).Select(row => row.Id)];
    }

    /// <summary>Reads every table in <paramref name="folder"/> except the decisions and the exclusions.</summary>
    internal static RequirementTable Load(string folder)
    {
        var rows = new List<Requirement>();
        foreach (string file in Directory.GetFiles(folder, "*.tsv").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file) is not (DecisionsFile or ExclusionsFile))
                Parse(Path.GetFileName(file), File.ReadAllLines(file), rows);
        }

        return new RequirementTable(rows);
    }

    internal static RequirementTable Parse(string name, params string[] lines)
    {
        var rows = new List<Requirement>();
        Parse(name, lines, rows);
        return new RequirementTable(rows);
    }

    private static void Parse(string name, string[] lines, List<Requirement> rows)
    {
        string? section = null;
        for (int i = 0; i < lines.Length; i++)
        {
            string source = $"{name}:{i + 1}";
            if (lines[i].StartsWith("# ", StringComparison.Ordinal))
            {
                section = lines[i][2..].Trim();
                continue;
            }

            string[] cells = lines[i].Split('\t');
            if (cells.Length != 3 || section is null || !IdPattern().IsMatch(cells[0]) || cells[1] is not ("M" or "S" or "O") || cells[2].Trim().Length == 0)
                throw new DocsException($"{source}: expected a '# section' line, then 'ID<tab>M|S|O<tab>title'.");
            rows.Add(new Requirement(cells[0], cells[1][0], cells[2].Trim(), section, source));
        }
    }

    [GeneratedRegex("^[A-Z]{3}-[XC]?[0-9]{2,3}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
