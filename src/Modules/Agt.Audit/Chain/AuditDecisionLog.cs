using System.Diagnostics;
using Agt.Audit.Records;

namespace Agt.Audit;

/// <summary>
/// Writes the chain's decisions and outcomes into an <see cref="AuditLog"/>. An effect that changes something starts when the record of its decision is durable; one that only reads starts when the
/// record is on its way (spec 09, AUD-408).
/// </summary>
/// <remarks>Thread-safe. Handing over a record that nobody waits for takes no lock and allocates nothing.</remarks>
public sealed class AuditDecisionLog : IDecisionLog
{
    private const ToolEffects Lasting = ToolEffects.Writes | ToolEffects.Egress | ToolEffects.Irreversible;
    private readonly AuditLog _log;
    private readonly AuditDurability _durability;

    /// <summary>Creates the bridge.</summary>
    /// <param name="log">The log.</param>
    /// <param name="durability">When the append of a decision is done.</param>
    public AuditDecisionLog(AuditLog log, AuditDurability durability = AuditDurability.ByEffects)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log;
        _durability = durability;
    }

    /// <summary>The log.</summary>
    public AuditLog Log => _log;

    /// <inheritdoc />
    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        PendingRecord pending = Pending(in record);
        return Lets(in record) && IsWitnessed(record.Action.Template) ? _log.AppendWitnessedAsync(pending) : _log.AppendAsync(in pending, IsAwaited(in record, _durability));
    }

    /// <inheritdoc />
    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
    {
        PendingRecord pending = Pending(in record);
        return _log.AppendAsync(in pending, waits: false);
    }

    /// <summary>Takes what the record of a decision is made of, and a lease on its payload.</summary>
    internal static PendingRecord Pending(in DecisionRecord record)
    {
        IReadOnlySet<string> labels = record.Action.Session.Labels;
        return new PendingRecord
        {
            Action = record.Action,
            Id = record.Id,
            Timestamp = record.Timestamp,
            Decision = record.Decision,
            Payload = record.Payload,
            Arena = record.LeasePayload(),
            Approver = record.Approver,
            Activity = Activity.Current,
            Labels = labels.Count == 0 ? null : labels,
        };
    }

    /// <summary>Takes what the record of an outcome is made of.</summary>
    internal static PendingRecord Pending(in OutcomeRecord record) =>
        new()
        {
            Action = record.Action,
            Id = record.DecisionId,
            Timestamp = record.Timestamp,
            Decision = record.ResultDecision,
            Status = record.Status,
            Activity = Activity.Current,
        };

    /// <summary>Whether the effect waits for the record of its decision.</summary>
    internal static bool IsAwaited(in DecisionRecord record, AuditDurability durability) => Lets(in record) && IsAwaited(record.Action.Template, durability);

    /// <summary>Whether the action runs: what is only evaluated runs whatever was decided.</summary>
    private static bool Lets(in DecisionRecord record) => record.Decision.IsAllowed || !record.Decision.IsEnforced;

    private bool IsWitnessed(ActionTemplate template) =>
        _durability == AuditDurability.Witnessed && template.Point == InterventionPoint.PreToolCall && template.Tool is { Effects: var effects } && (effects == ToolEffects.None || (effects & ToolEffects.Irreversible) != 0);

    private static bool IsAwaited(ActionTemplate template, AuditDurability durability) => durability switch
    {
        AuditDurability.Buffered => false,
        AuditDurability.WriteAhead => true,
        _ => template.Point == InterventionPoint.PreToolCall && template.Tool is { Effects: var effects } && (effects == ToolEffects.None || (effects & Lasting) != 0),
    };
}
