using Agt.Compliance.Packs;

namespace Agt.Compliance.Evidence;

/// <summary>Asks the queries of many checks about one record after the other; each is answered once for a record. For one thread.</summary>
internal sealed class QuerySet(RecordShape shape)
{
    private const int Finding = -1;
    private readonly Dictionary<RecordQuery, int> _index = new(ReferenceEqualityComparer.Instance);
    private readonly List<(int Slot, FieldTest Test)[]> _queries = [];
    private sbyte[] _answers = [];
    private string?[] _values = [];
    private IReadOnlyList<string> _findings = [];

    /// <summary>Adds a query; before the first record.</summary>
    /// <returns>Its number.</returns>
    internal int Add(RecordQuery query)
    {
        if (!_index.TryGetValue(query, out int at))
        {
            at = _queries.Count;
            _index.Add(query, at);
            _queries.Add([.. query.Tests.Select(test => (test.Field == FieldTest.FindingField ? Finding : shape.Slot(test.Field), test))]);
        }

        return at;
    }

    /// <summary>Turns to a record.</summary>
    internal void Turn(string?[] values, IReadOnlyList<string> findings)
    {
        if (_answers.Length != _queries.Count)
        {
            _answers = new sbyte[_queries.Count];
        }

        Array.Clear(_answers);
        _values = values;
        _findings = findings;
    }

    /// <summary>Whether the record is one that a query takes.</summary>
    internal bool Takes(int query)
    {
        if (_answers[query] == 0)
        {
            _answers[query] = (sbyte)(Holds(_queries[query]) ? 1 : -1);
        }

        return _answers[query] > 0;
    }

    private bool Holds((int Slot, FieldTest Test)[] tests)
    {
        foreach ((int slot, FieldTest test) in tests)
        {
            if (slot == Finding ? !HoldsForFindings(test) : !test.Holds(_values[slot]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A record may have several findings: one that is named is enough, and where none may be, all must be others.</summary>
    private bool HoldsForFindings(FieldTest test)
    {
        if (_findings.Count == 0)
        {
            return test.Holds(null);
        }

        foreach (string finding in _findings)
        {
            if (test.Holds(finding) != test.Negated)
            {
                return !test.Negated;
            }
        }

        return test.Negated;
    }
}
