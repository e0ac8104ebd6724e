using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// Information flow by levels (spec 01, POL-428): the labels of what flows into a tool must all be at most the tool's clearance. The levels are public, internal, confidential, secret.
/// </summary>
/// <remarks>
/// For manifests with <c>type: custom</c> and <c>adapter: clearance</c>. Reads <c>tool.clearance</c>, and the source labels in <c>snapshot.ifc.source_labels</c> and <c>snapshot.input.ifc.source_labels</c>.
/// Nothing known is no permission: without labels, without a clearance, and with a word that is no level it denies. What it allows carries the highest label as its result label. Thread-safe.
/// </remarks>
public sealed class AcsClearanceEngine : IAcsPolicyEngine
{
    /// <summary>The name of the adapter in manifests.</summary>
    public const string Adapter = "clearance";

    /// <summary>The reason of a denial.</summary>
    public const string Reason = "ifc_clearance_violation";

    private static readonly string[] Levels = ["public", "internal", "confidential", "secret"];
    private static readonly GovernedValue Denied = AcsValues.Map([("decision", GovernedValue.From("deny")), ("reason", GovernedValue.From(Reason))]);

    /// <inheritdoc />
    public ValueTask<GovernedValue> EvaluateAsync(AcsPolicyInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        GovernedValue snapshot = Member(invocation.Input, "snapshot");
        int clearance = Highest(Member(Member(invocation.Input, "tool"), "clearance"));
        int direct = Highest(Member(Member(snapshot, "ifc"), "source_labels"));
        int ofInput = Highest(Member(Member(Member(snapshot, "input"), "ifc"), "source_labels"));
        int label = Math.Max(direct, ofInput);
        return new(label == Nothing || label == Unknown || clearance < 0 || clearance == Unknown || clearance < label
            ? Denied
            : AcsValues.Map([("decision", GovernedValue.From("allow")), ("result_labels", AcsValues.List(AcsValues.NewArena(), [GovernedValue.From(Levels[label])]))]));
    }

    private const int Nothing = -1;

    private const int Unknown = int.MaxValue;

    /// <summary>The highest of the levels that a text or a list of texts names.</summary>
    private static int Highest(GovernedValue labels)
    {
        if (labels.IsAbsent)
        {
            return Nothing;
        }

        if (labels.Kind == ValueKind.String)
        {
            int level = Array.IndexOf(Levels, labels.AsString());
            return level < 0 ? Unknown : level;
        }

        if (labels.Kind != ValueKind.List)
        {
            return Unknown;
        }

        int highest = Nothing;
        for (int i = 0; i < labels.Count; i++)
        {
            int level = Array.IndexOf(Levels, labels[i].AsString());
            highest = level < 0 ? Unknown : Math.Max(highest, level);
            if (highest == Unknown)
            {
                break;
            }
        }

        return highest;
    }

    private static GovernedValue Member(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value : default;
}
