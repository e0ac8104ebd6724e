using System.Text;

namespace Agt.Compliance.Packs;

/// <summary>Which records count: every test must hold. A query without tests takes every record. Immutable and thread-safe.</summary>
public sealed class RecordQuery
{
    internal static readonly RecordQuery Everything = new("any", []);

    internal RecordQuery(string name, IReadOnlyList<FieldTest> tests)
    {
        Name = name;
        Tests = tests;
    }

    /// <summary>Its name in the pack; <c>inline</c> where it has none.</summary>
    public string Name { get; }

    internal IReadOnlyList<FieldTest> Tests { get; }

    /// <summary>The query in words, for example <c>kind=decision decision=allow|warn has:matched_rule</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (FieldTest test in Tests)
        {
            text.Append(text.Length > 0 ? " " : string.Empty).Append(test);
        }

        return text.Length == 0 ? "every record" : text.ToString();
    }
}
