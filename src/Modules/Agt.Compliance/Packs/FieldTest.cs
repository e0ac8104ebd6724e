namespace Agt.Compliance.Packs;

/// <summary>One test of one field of a record.</summary>
/// <param name="Field">The field as a record names it, <c>attributes.NAME</c>, <c>bom.NAME</c>, or one of <c>agent</c> (whichever of its ids there is) and <c>finding</c> (what verification found at the record).</param>
/// <param name="Negated">Whether the field must not be so.</param>
/// <param name="Values">What it may be; empty for anything that is there. A value that ends in <c>*</c> is a beginning.</param>
internal sealed record FieldTest(string Field, bool Negated, IReadOnlyList<string> Values)
{
    internal const string FindingField = "finding";

    private static readonly string[] Fields =
    [
        "action", "agent", "approver_did", "arguments_hash", "category", "context", "context_form", "context_ref", "decision", "decision_ref", "delegation", "emitter_id", "environment", "event_type", FindingField, "kind",
        "matched_rule", "outcome", "policies", "policy_version", "reason", "reason_code", "resource", "sandbox_id", "session_id", "severity", "target_did", "trace_id", "trust_score",
    ];

    internal static IReadOnlyList<string> Known => Fields;

    internal static bool IsKnown(string field) =>
        Array.IndexOf(Fields, field) >= 0 || (field.StartsWith("attributes.", StringComparison.Ordinal) && field.Length > 11) || (field.StartsWith("bom.", StringComparison.Ordinal) && field.Length > 4);

    internal bool Holds(string? value)
    {
        if (value is null)
        {
            return Negated;
        }

        bool holds = Values.Count == 0;
        for (int i = 0; i < Values.Count && !holds; i++)
        {
            holds = Values[i] is [.., '*'] prefix ? value.AsSpan().StartsWith(prefix.AsSpan(0, prefix.Length - 1), StringComparison.Ordinal) : value == Values[i];
        }

        return holds != Negated;
    }

    public override string ToString() => (Values.Count, Negated) switch
    {
        (0, false) => "has:" + Field,
        (0, true) => "lacks:" + Field,
        _ => Field + (Negated ? "!=" : "=") + string.Join('|', Values),
    };
}
