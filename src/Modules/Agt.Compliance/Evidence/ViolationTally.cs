using Agt.Compliance.Engine;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Evidence;

/// <summary>Follows violations and their remediation through a log. For one thread; bounded: what it has no room for counts as open.</summary>
internal sealed class ViolationTally
{
    private const int MaxFollowed = 100_000;
    private readonly Dictionary<string, ReportedViolation> _violations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Total, long Overflow)> _controls = new(StringComparer.Ordinal);
    private readonly int _type;
    private readonly int _kind;
    private readonly int _id;
    private readonly int _control;
    private readonly int _framework;
    private readonly int _agent;
    private readonly int _severity;
    private readonly int _reason;

    internal ViolationTally(RecordShape shape)
    {
        _type = shape.Slot("event_type");
        _kind = shape.Slot("kind");
        _agent = shape.Slot("agent");
        _severity = shape.Slot("severity");
        _reason = shape.Slot("reason");
        _id = shape.Slot("attributes." + ComplianceEvents.ViolationId);
        _control = shape.Slot("attributes." + ComplianceEvents.Control);
        _framework = shape.Slot("attributes." + ComplianceEvents.Framework);
    }

    internal long Total { get; private set; }

    /// <summary>Looks at a record.</summary>
    /// <param name="values">Its fields.</param>
    /// <param name="index">Its place.</param>
    /// <param name="at">Its time.</param>
    /// <param name="counts">Whether it is of the period and the agent; remediation counts whenever it was.</param>
    internal void Look(string?[] values, long index, DateTimeOffset at, bool counts)
    {
        if (values[_kind] != "event" || values[_id] is not { } id)
        {
            return;
        }

        if (values[_type] == ComplianceEvents.Remediated)
        {
            if (_violations.TryGetValue(id, out ReportedViolation? open))
            {
                _violations[id] = open with { Remediated = true };
            }
        }
        else if (counts && values[_type] == ComplianceEvents.Violation && values[_control] is { } control)
        {
            Total++;
            (long total, long overflow) = _controls.GetValueOrDefault(control);
            bool followed = _violations.Count < MaxFollowed && _violations.TryAdd(
                id, new ReportedViolation(id, index, control, values[_framework] ?? string.Empty, values[_agent] ?? string.Empty, values[_severity] ?? "medium", values[_reason] ?? string.Empty, at, false));
            _controls[control] = (total + 1, overflow + (followed ? 0 : 1));
        }
    }

    internal long Of(string control) => _controls.GetValueOrDefault(control).Total;

    internal long OpenOf(string control) => _controls.GetValueOrDefault(control).Overflow + _violations.Values.LongCount(violation => !violation.Remediated && violation.ControlId == control);

    internal long Open => _controls.Values.Sum(control => control.Overflow) + _violations.Values.LongCount(violation => !violation.Remediated);

    internal IEnumerable<ReportedViolation> All => _violations.Values.OrderBy(violation => violation.Remediated).ThenBy(violation => Rank(violation.Severity)).ThenBy(violation => violation.Index);

    internal static int Rank(string severity) => severity switch { "critical" => 0, "high" => 1, "medium" => 2, "low" => 3, _ => 4 };
}
