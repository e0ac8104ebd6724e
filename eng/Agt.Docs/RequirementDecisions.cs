namespace Agt.Docs;

/// <summary>What is decided about a row that tests do not prove whole.</summary>
internal enum DecisionStatus
{
    /// <summary>Not reached yet.</summary>
    Planned,

    /// <summary>Proven in part; the reason says what is missing.</summary>
    Partial,

    /// <summary>Decided against.</summary>
    Declined,
}

/// <summary>One line of <c>decisions.tsv</c>: an id, or <c>FIRST..LAST</c> for the rows between that no test names.</summary>
internal sealed record RequirementDecision(string Key, DecisionStatus Status, string Reason, string Source, IReadOnlyList<string> Ids)
{
    internal bool IsRange => Ids.Count > 1;
}

/// <summary>Reads and checks <c>docs/requirements/decisions.tsv</c>.</summary>
internal sealed class RequirementDecisions
{
    private RequirementDecisions(List<RequirementDecision> rows) => Rows = rows;

    internal IReadOnlyList<RequirementDecision> Rows { get; }

    internal static RequirementDecisions Load(string file, RequirementTable table) =>
        Parse(Path.GetFileName(file), File.ReadAllLines(file), table);

    internal static RequirementDecisions Parse(string name, string[] lines, RequirementTable table)
    {
        var rows = new List<RequirementDecision>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('#'))
                continue;
            string source = $"{name}:{i + 1}";
            string[] cells = lines[i].Split('\t');
            if (cells.Length != 3 || cells[2].Trim().Length == 0)
                throw new DocsException($"{source}: expected 'ID or FIRST..LAST<tab>planned|partial|declined<tab>reason'.");
            DecisionStatus status = cells[1] switch
            {
                "planned" => DecisionStatus.Planned,
                "partial" => DecisionStatus.Partial,
                "declined" => DecisionStatus.Declined,
                _ => throw new DocsException($"{source}: unknown status '{cells[1]}'; use planned, partial or declined."),
            };
            string[] ends = cells[0].Split("..");
            IReadOnlyList<string> ids = (ends.Length <= 2 ? table.Range(ends[0], ends[^1]) : null)
                ?? throw new DocsException($"{source}: {cells[0]} names no listed requirement.");
            rows.Add(new RequirementDecision(cells[0], status, cells[2].Trim(), source, ids));
        }

        return new RequirementDecisions(rows);
    }

    /// <summary>The decision that speaks for a row: one that names it alone goes before a range.</summary>
    internal RequirementDecision? For(string id) =>
        Rows.FirstOrDefault(row => !row.IsRange && row.Ids[0] == id) ?? Rows.FirstOrDefault(row => row.IsRange && row.Ids.Contains(id));

    /// <summary>Decisions that say nothing, or say what a test contradicts.</summary>
    internal IEnumerable<string> Problems(RequirementProofs proofs)
    {
        foreach (RequirementDecision row in Rows)
        {
            List<string> tested = [.. row.Ids.Where(id => proofs.For(id).Count > 0)];
            bool speaks = row.Ids.Any(id => ReferenceEquals(For(id), row) && (row.Status == DecisionStatus.Partial) == (proofs.For(id).Count > 0));
            switch (row.Status)
            {
                case DecisionStatus.Declined when tested.Count > 0:
                    yield return $"{row.Source}: {tested[0]} is declined but {proofs.For(tested[0])[0].Test} proves it.";
                    break;
                case DecisionStatus.Planned when !row.IsRange && tested.Count > 0:
                    yield return $"{row.Source}: {row.Key} is planned but {proofs.For(row.Key)[0].Test} proves it; remove the line.";
                    break;
                default:
                    if (!speaks)
                        yield return $"{row.Source}: {row.Key} {row.Status.ToString().ToLowerInvariant()} says nothing about any row; remove the line.";
                    break;
            }
        }
    }
}
