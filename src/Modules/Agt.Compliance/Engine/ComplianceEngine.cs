using System.Globalization;
using Agt.Audit;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Engine;

/// <summary>
/// Holds actions against frameworks as they happen, and records what breaks a control. Violations and their remediation are records of the log; what is kept in memory is read from there again at the start.
/// </summary>
/// <remarks>Thread-safe. Keeps <see cref="Capacity"/> violations at most: beyond that remediated ones are forgotten first, then the oldest; the log keeps all.</remarks>
public sealed partial class ComplianceEngine : IDisposable
{
    private const int MaxContext = 64;
    private const int MaxText = 1_024;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ComplianceViolation> _violations = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ActionMapping> _actions;
    private readonly Dictionary<string, (ComplianceControl Control, CompliancePack Pack)> _controls;
    private readonly AuditLog _log;
    private readonly TimeProvider _time;
    private readonly ComplianceMetrics _metrics;
    private long _checks;
    private long _unassessed;
    private long _forgotten;

    private ComplianceEngine(AuditLog log, IReadOnlyList<CompliancePack> packs, TimeProvider time, int capacity)
    {
        _log = log;
        _time = time;
        Capacity = capacity;
        Packs = packs;
        _controls = packs.SelectMany(pack => pack.Controls.Select(control => (control, pack))).ToDictionary(pair => pair.control.ControlId, StringComparer.Ordinal);
        _actions = packs.SelectMany(pack => pack.Actions).GroupBy(action => action.ActionType, StringComparer.Ordinal).ToDictionary(group => group.Key, Union, StringComparer.Ordinal);
        _metrics = new ComplianceMetrics(this);
    }

    /// <summary>The frameworks that are on.</summary>
    public IReadOnlyList<CompliancePack> Packs { get; }

    /// <summary>How many violations are kept in memory.</summary>
    public int Capacity { get; }

    /// <summary>How many actions were checked.</summary>
    public long Checks => Interlocked.Read(ref _checks);

    /// <summary>How many actions were of a type that no framework speaks about: nothing is known of them.</summary>
    public long Unassessed => Interlocked.Read(ref _unassessed);

    /// <summary>How many violations are in the log and no longer in memory.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>Reads from a log what was violated and remediated before, and begins.</summary>
    /// <param name="log">The log that violations are recorded in. The caller disposes it, after the engine.</param>
    /// <param name="packs">The frameworks that are on.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="capacity">How many violations are kept in memory, 1 to 1,000,000.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">Two packs have a control of the same id.</exception>
    public static ComplianceEngine Open(AuditLog log, IReadOnlyList<CompliancePack> packs, TimeProvider? time = null, int capacity = 10_000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(packs);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        var engine = new ComplianceEngine(log, packs, time ?? TimeProvider.System, capacity);
        long index = log.First;
        foreach (ReadOnlyMemory<byte> leaf in log.Read(index, log.Size - index))
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Most records are none of these, and are not parsed.
            if (leaf.Span.IndexOf("compliance."u8) >= 0)
            {
                engine.Restore(leaf, index);
            }

            index++;
        }

        return engine;
    }

    /// <summary>Which controls a type of action touches, by the frameworks that are on.</summary>
    /// <param name="actionType">The type, for example <c>data_access</c>.</param>
    /// <returns>Null for a type that no framework speaks about.</returns>
    public ActionMapping? MapAction(string actionType)
    {
        ArgumentNullException.ThrowIfNull(actionType);
        return _actions.GetValueOrDefault(actionType);
    }

    /// <summary>Checks an action, and records what it breaks: one violation for a control at most.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="actionType">The type of action.</param>
    /// <param name="context">What is known about the action: text, numbers, true and false; 64 entries at most. What is missing is taken as not so.</param>
    /// <param name="cancellationToken">Ends the wait for the records, not the records.</param>
    /// <returns>The violations, durable in the log; empty also for a type that no framework speaks about, which <see cref="Unassessed"/> counts.</returns>
    /// <exception cref="ArgumentException">The context holds something else, or too much.</exception>
    /// <exception cref="IOException">The log cannot take the records.</exception>
    public async ValueTask<IReadOnlyList<ComplianceViolation>> CheckComplianceAsync(AgentId agent, string actionType, IReadOnlyDictionary<string, object?> context, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actionType);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Count > MaxContext)
        {
            throw new ArgumentException($"A context has {MaxContext} entries at most.", nameof(context));
        }

        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, object? value) in context)
        {
            if (ContextRules.Text(name, value) is { } text)
            {
                facts[name] = text;
            }
        }

        Interlocked.Increment(ref _checks);
        if (!_actions.TryGetValue(actionType, out ActionMapping? mapping))
        {
            Interlocked.Increment(ref _unassessed);
            return [];
        }

        lock (_lock)
        {
            _touched.UnionWith(mapping.Controls);
        }

        var violations = new List<ComplianceViolation>();
        foreach (string id in mapping.Controls)
        {
            if (_controls.TryGetValue(id, out (ComplianceControl Control, CompliancePack Pack) known) && Broken(agent, mapping, known.Control, known.Pack, facts) is { } violation)
            {
                violations.Add(await RecordAsync(violation, cancellationToken).ConfigureAwait(false));
            }
        }

        return violations;
    }

    /// <summary>Records that a violation was remediated.</summary>
    /// <param name="violationId">Its id.</param>
    /// <param name="notes">What was done.</param>
    /// <param name="cancellationToken">Ends the wait for the record.</param>
    /// <returns>Whether there is such a violation. That it was asked for is recorded in any case.</returns>
    /// <exception cref="IOException">The log cannot take the record.</exception>
    public async ValueTask<bool> RemediateAsync(string violationId, string notes, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(violationId);
        ArgumentNullException.ThrowIfNull(notes);
        bool known;
        lock (_lock)
        {
            known = _violations.ContainsKey(violationId);
        }

        DateTimeOffset now = _time.GetUtcNow();
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ComplianceEvents.ViolationId] = Short(violationId), [ComplianceEvents.Notes] = Short(notes), ["agt.known"] = known ? "true" : "false",
        };
        await _log.AppendAsync(new AuditEvent("event", ComplianceEvents.Remediated, "remediate") { OccurredAt = now, Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            if (_violations.TryGetValue(violationId, out ComplianceViolation? violation))
            {
                _violations[violationId] = violation with { Remediated = true, RemediatedAt = now, Notes = notes };
            }
        }

        return known;
    }

    /// <summary>The violations that are kept, oldest first; everything that is given must hold.</summary>
    /// <param name="framework">A framework, or null for all.</param>
    /// <param name="agent">An agent, or null for all.</param>
    /// <param name="remediated">Whether they are remediated, or null for both.</param>
    public IReadOnlyList<ComplianceViolation> GetViolations(string? framework = null, AgentId? agent = null, bool? remediated = null)
    {
        lock (_lock)
        {
            return [.. _order.Select(id => _violations[id]).Where(violation =>
                (framework is null || violation.Framework == framework) && (agent is null || violation.Agent == agent.Value) && (remediated is null || violation.Remediated == remediated))];
        }
    }

    /// <summary>The open violations, and the share of controls without one among those that a check ever touched, by framework; no score where none was touched. For the meter.</summary>
    internal IEnumerable<(string Framework, long Open, double? Score)> Summary()
    {
        lock (_lock)
        {
            ILookup<string, string> open = _violations.Values.Where(violation => !violation.Remediated).ToLookup(violation => violation.Framework, violation => violation.ControlId);
            return [.. Packs.Select(pack =>
            {
                int touched = pack.Controls.Count(control => _touched.Contains(control.ControlId));
                return (pack.Framework, open[pack.Framework].LongCount(), touched == 0 ? (double?)null : 100.0 * (touched - open[pack.Framework].Distinct().Count()) / touched);
            })];
        }
    }

    /// <summary>Ends the meter. The log stays open.</summary>
    public void Dispose() => _metrics.Dispose();

    private static ActionMapping Union(IGrouping<string, ActionMapping> group) => new(
        group.Key, [.. group.SelectMany(action => action.Controls).Distinct(StringComparer.Ordinal)], [.. group.SelectMany(action => action.EvidenceGenerated).Distinct(StringComparer.Ordinal)],
        [.. group.SelectMany(action => action.EvidenceRequired).Distinct(StringComparer.Ordinal)]);

    private static string Short(string text) => text.Length > MaxText ? text[..MaxText] : text;

    private ComplianceViolation? Broken(AgentId agent, ActionMapping mapping, ComplianceControl control, CompliancePack pack, Dictionary<string, string> facts)
    {
        string actionType = mapping.ActionType;
        foreach (Obligation obligation in pack.Obligations)
        {
            if ((obligation.Controls.Count == 0 || obligation.Controls.Contains(control.ControlId)) && (obligation.Actions.Count == 0 || obligation.Actions.Contains(actionType)) && ContextRules.IsBroken(obligation, facts))
            {
                return new ComplianceViolation(NewId(), control.ControlId, pack.Framework, agent.Value, actionType, obligation.Description, _time.GetUtcNow())
                {
                    Severity = obligation.Severity,
                    Evidence = obligation.Evidence.ToDictionary(name => name, name => Short(facts.GetValueOrDefault(name, "false")), StringComparer.Ordinal),
                };
            }
        }

        // What a framework requires for a type of action is missed on the controls of that framework which the action touches.
        string? missing = pack.Actions.Where(action => action.ActionType == actionType && action.Controls.Contains(control.ControlId)).SelectMany(action => action.EvidenceRequired).FirstOrDefault(name => !ContextRules.IsTruthy(facts.GetValueOrDefault(name)));
        return missing is null ? null : new ComplianceViolation(NewId(), control.ControlId, pack.Framework, agent.Value, actionType, $"The required evidence '{missing}' is missing.", _time.GetUtcNow())
        {
            Evidence = new Dictionary<string, string>(StringComparer.Ordinal) { [missing] = Short(facts.GetValueOrDefault(missing, "false")) },
        };
    }

    private string NewId() => Guid.CreateVersion7(_time.GetUtcNow()).ToString("D", CultureInfo.InvariantCulture);
}
