using System.Globalization;

namespace Agt.Compliance.Packs;

/// <summary>Takes members out of a mapping and collects what is wrong with it. What nobody took is unknown, and said so.</summary>
internal sealed class NodeReader
{
    private const int MaxProblems = 50;
    private readonly string _file;
    private readonly List<PackProblem> _problems;
    private readonly PackNode _node;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    internal NodeReader(PackNode node, string file, List<PackProblem> problems, string what)
    {
        _file = file;
        _problems = problems;
        _node = node;
        if (node.Members is null)
        {
            Report(node, $"{what} is not a mapping.", "Write 'name: value' lines.");
        }
    }

    internal PackNode Node => _node;

    internal IEnumerable<(string Name, PackNode Key, PackNode Value)> Members => _node.Members ?? [];

    internal NodeReader Child(PackNode node, string what) => new(node, _file, _problems, what);

    internal void Report(PackNode at, string message, string fix)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(new PackProblem(_file, at.Line, at.Column, message, fix));
        }
    }

    internal PackNode? Take(string name)
    {
        _known.Add(name);
        foreach ((string member, _, PackNode value) in Members)
        {
            if (member == name)
            {
                return value;
            }
        }

        return null;
    }

    internal string Required(string name, int most = 400)
    {
        if (Text(name, most) is { } text)
        {
            return text;
        }

        if (Take(name) is null)
        {
            Report(_node, $"'{name}' is missing.", $"Add '{name}: ...'.");
        }

        return string.Empty;
    }

    internal string? Text(string name, int most = 4_000)
    {
        PackNode? node = Take(name);
        if (node is null)
        {
            return null;
        }

        if (node.Text is not { } text || string.IsNullOrWhiteSpace(text) || text.Length > most)
        {
            Report(node, $"'{name}' is not text of 1 to {most} characters.", "Write plain text.");
            return null;
        }

        return text.Trim();
    }

    internal IReadOnlyList<string> Texts(string name)
    {
        PackNode? node = Take(name);
        return node is null ? [] : Texts(node, name);
    }

    /// <summary>One text, or a list of them.</summary>
    internal IReadOnlyList<string> Texts(PackNode node, string name)
    {
        if (node.Text is { } single && !string.IsNullOrWhiteSpace(single))
        {
            return [single];
        }

        var texts = new List<string>();
        foreach (PackNode item in node.Items ?? [])
        {
            if (string.IsNullOrWhiteSpace(item.Text))
            {
                Report(item, $"'{name}' has an entry that is not text.", "Write plain text.");
            }
            else
            {
                texts.Add(item.Text);
            }
        }

        if (texts.Count == 0)
        {
            Report(node, $"'{name}' names nothing.", "Write a text or a list of texts.");
        }

        return texts;
    }

    internal bool Flag(string name, bool otherwise)
    {
        PackNode? node = Take(name);
        if (node is null)
        {
            return otherwise;
        }

        if (node.Text is "true" or "false")
        {
            return node.Text == "true";
        }

        Report(node, $"'{name}' is neither true nor false.", "Write true or false.");
        return otherwise;
    }

    internal long Number(string name, long otherwise, long least, long most)
    {
        PackNode? node = Take(name);
        if (node is null)
        {
            return otherwise;
        }

        if (long.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most)
        {
            return number;
        }

        Report(node, $"'{name}' is no whole number from {least} to {most}.", "Write such a number.");
        return otherwise;
    }

    internal DateOnly? Date(string name)
    {
        PackNode? node = Take(name);
        if (node is null)
        {
            return null;
        }

        if (DateOnly.TryParseExact(node.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            return date;
        }

        Report(node, $"'{name}' is no date.", "Write it as 2026-08-02.");
        return null;
    }

    /// <summary>Says which members nobody asked for.</summary>
    internal void Finish()
    {
        foreach ((string name, PackNode key, _) in Members)
        {
            if (!_known.Contains(name))
            {
                string? near = _known.Select(known => (Known: known, Distance: Distance(known, name))).Where(pair => pair.Distance <= 2).OrderBy(pair => pair.Distance).Select(pair => pair.Known).FirstOrDefault();
                Report(key, $"{YamlTree.Quoted(name)} is not known here.", near is null ? $"Known are: {string.Join(", ", _known.Order(StringComparer.Ordinal))}." : $"Did you mean '{near}'?");
            }
        }
    }

    /// <summary>How many letters differ.</summary>
    internal static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 2 || left.Length > 64 || right.Length > 64)
        {
            return int.MaxValue;
        }

        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int cost = left[i - 1] == right[j - 1] ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }

        return row[right.Length];
    }
}
