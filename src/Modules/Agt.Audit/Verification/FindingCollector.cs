namespace Agt.Audit.Verification;

/// <summary>Gathers findings, counts all and keeps the first thousand.</summary>
internal sealed class FindingCollector
{
    private const int Most = 1_000;
    private readonly List<LogFinding> _findings = [];

    internal IReadOnlyList<LogFinding> All => _findings;

    internal long Count { get; private set; }

    internal void Add(string kind, long index, string severity, string detail)
    {
        Count++;
        if (_findings.Count < Most)
        {
            _findings.Add(new LogFinding(kind, index, severity, detail));
        }
    }
}
