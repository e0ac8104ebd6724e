using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Audit.Bom;

/// <summary>
/// Works out the bill of materials of decisions that did not record one, from up to four sources in this order: audit, trust, policy, trace. A source that fails is left out; what is guessed is marked as inferred; where
/// sources disagree the most restrictive outcome counts, and the disagreement is an item of its own (spec 09, AUD-806 to 812).
/// </summary>
/// <remarks>Thread-safe if its sources are.</remarks>
public sealed class BomReconstructor
{
    private const string ConflictField = "decision_conflict";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrendWindow = TimeSpan.FromSeconds(60);
    private static readonly string[] ByRestriction = ["unknown", "allow", "warn", "escalate", "deny"];
    private readonly (string Name, IBomSource? Source)[] _sources;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Creates one.</summary>
    /// <param name="audit">Who acted, what was asked for and what came out; null for none.</param>
    /// <param name="trust">Trust scores over time; null for none.</param>
    /// <param name="policy">Rules that were evaluated; null for none.</param>
    /// <param name="trace">Spans; null for none.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="logger">Where failing sources are told; null for nowhere.</param>
    public BomReconstructor(IBomSource? audit = null, IBomSource? trust = null, IBomSource? policy = null, IBomSource? trace = null, TimeProvider? time = null, ILogger? logger = null)
    {
        _sources = [("audit", audit), ("trust", trust), ("policy", policy), ("trace", trace)];
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The names of the sources there are.</summary>
    public IReadOnlyList<string> AvailableSources => [.. _sources.Where(source => source.Source is not null).Select(source => source.Name)];

    /// <summary>Works out one decision.</summary>
    /// <param name="traceId">Its trace; or null, and then agent and time.</param>
    /// <param name="agent">Who acted.</param>
    /// <param name="at">When; evidence within 5 seconds counts.</param>
    /// <exception cref="ArgumentException">There is neither a trace, nor an agent and a time.</exception>
    public DecisionBom Reconstruct(string? traceId = null, string? agent = null, DateTimeOffset? at = null)
    {
        if (string.IsNullOrEmpty(traceId) && (string.IsNullOrEmpty(agent) || at is null))
        {
            throw new ArgumentException("A decision is found by its trace, or by the agent and the time.");
        }

        var contributed = new List<string>();
        var evidence = new List<(string Source, BomEvidence Piece)>();
        var question = new BomQuestion(string.IsNullOrEmpty(traceId) ? null : traceId, string.IsNullOrEmpty(traceId) ? agent : null, at - Window, at + Window);
        foreach ((string name, IBomSource? source) in _sources)
        {
            // Scores are known of agents at times, not of traces.
            BomQuestion asked = name != "trust" ? question : question with { TraceId = null, Agent = agent ?? Agent(evidence), From = (at ?? First(evidence)) - TrendWindow, To = (at ?? First(evidence)) + Window };
            if (source is null || (name == "trust" && asked.Agent is null))
            {
                continue;
            }

            BomEvidence[] found = Ask(name, source, asked);
            if (found.Length > 0)
            {
                contributed.Add(name);
                evidence.AddRange(found.Select(piece => (name, piece)));
            }
        }

        return Compose(traceId, agent, at, contributed, evidence);
    }

    /// <summary>Works out every decision of an agent in a time: one for a trace, and one for each piece of evidence that has none.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="from">The start, itself included.</param>
    /// <param name="to">The end, itself included.</param>
    /// <returns>The decisions by time; none without an audit source.</returns>
    public IReadOnlyList<DecisionBom> ReconstructMany(string agent, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentException.ThrowIfNullOrEmpty(agent);
        if (_sources[0].Source is not { } audit)
        {
            return [];
        }

        BomEvidence[] evidence = Ask("audit", audit, new BomQuestion(null, agent, from, to));
        var found = new List<DecisionBom>();
        foreach (IGrouping<string, BomEvidence> group in evidence.OrderBy(piece => piece.At).GroupBy(piece => piece.TraceId ?? "at " + piece.At.UtcTicks))
        {
            BomEvidence first = group.First();
            try
            {
                found.Add(first.TraceId is { } trace ? Reconstruct(trace, agent) : Reconstruct(null, agent, first.At));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                AuditLogMessages.NotReconstructed(_logger, exception);
            }
        }

        return [.. found.OrderBy(bom => bom.Timestamp)];
    }

    private static string? Agent(List<(string Source, BomEvidence Piece)> evidence) => evidence.OrderBy(item => item.Piece.At).Select(item => item.Piece.Agent).FirstOrDefault(agent => agent is not null);

    private static DateTimeOffset? First(List<(string Source, BomEvidence Piece)> evidence) => evidence.Count == 0 ? null : evidence.Min(item => item.Piece.At);

    private BomEvidence[] Ask(string name, IBomSource source, BomQuestion question)
    {
        try
        {
            return [.. source.Find(question).Where(question.Wants)];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            AuditLogMessages.BomSourceFailed(_logger, name, exception);
            return [];
        }
    }

    private DecisionBom Compose(string? traceId, string? agent, DateTimeOffset? at, List<string> contributed, List<(string Source, BomEvidence Piece)> evidence)
    {
        (string Source, BomEvidence Piece)[] ordered = [.. evidence.OrderBy(item => item.Piece.At)];
        var fields = new List<BomField>();
        string who = agent ?? Agent(evidence) ?? string.Empty;
        string what = string.Empty;
        if (ordered.FirstOrDefault(item => item.Source != "trust" && item.Piece.Agent is not null) is { Piece: not null } acted)
        {
            fields.Add(new BomField("agent_identity", "identity", acted.Piece.Agent!, acted.Source));
        }

        if (ordered.FirstOrDefault(item => item.Piece.Action is not null) is { Piece: not null } asked)
        {
            what = asked.Piece.Action!;
            fields.Add(new BomField("action_type", "action", what, asked.Source));
        }

        AddTrust(fields, ordered, at ?? First(evidence.FindAll(item => item.Source != "trust")));
        foreach ((string source, BomEvidence piece) in ordered)
        {
            if (piece.Rules is { } rules)
            {
                fields.Add(new BomField("policy_rules_evaluated", "policy", rules, source));
            }

            fields.AddRange(piece.Fields);
        }

        string outcome = AddOutcome(fields, ordered);
        string[] agents = [.. ordered.Where(item => item.Source != "trust" && item.Piece.Agent is not null).Select(item => item.Piece.Agent!).Distinct(StringComparer.Ordinal)];
        if (!string.IsNullOrEmpty(traceId) && agents.Length > 1)
        {
            fields.Add(new BomField("delegation_chain", "lineage", string.Join(',', agents), "trace", 0.8, IsInferred: true));
        }

        if (!string.IsNullOrEmpty(traceId) && contributed.Count > 0)
        {
            fields.Add(new BomField("otel_trace_id", "lineage", traceId, contributed[0]));
        }

        DateTimeOffset now = _time.GetUtcNow();
        return new DecisionBom
        {
            DecisionId = traceId ?? FormattableString.Invariant($"{agent}@{at:O}"), Timestamp = at ?? First(evidence.FindAll(item => item.Source != "trust")) ?? now, AgentId = who, ActionRequested = what, Outcome = outcome,
            ReconstructedAt = now, SourcesQueried = contributed, Fields = fields,
        };
    }

    private static void AddTrust(List<BomField> fields, (string Source, BomEvidence Piece)[] ordered, DateTimeOffset? at)
    {
        (DateTimeOffset At, int Score, string Source)[] scores =
            [.. ordered.Where(item => item.Piece.TrustScore is not null && (at is null || item.Piece.At <= at + Window)).Select(item => (item.Piece.At, item.Piece.TrustScore!.Value, item.Source))];
        if (scores.Length == 0)
        {
            return;
        }

        // The score that held at the time, or the first after it where none did.
        (DateTimeOffset, int Score, string Source)[] held = [.. scores.Where(score => at is null || score.At <= at)];
        (_, int now, string source) = held.Length > 0 ? held[^1] : scores[0];
        fields.Add(new BomField("trust_score_at_decision", "trust", now.ToString(System.Globalization.CultureInfo.InvariantCulture), source));
        (DateTimeOffset At, int Score, string Source)[] recent = [.. scores.Where(score => at is null || (score.At >= at - TrendWindow && score.At <= at))];
        if (recent.Length >= 2)
        {
            fields.Add(new BomField("trust_score_trend", "trust", (recent[^1].Score - recent[0].Score).ToString(System.Globalization.CultureInfo.InvariantCulture), source, 0.9, IsInferred: true));
        }
    }

    private static string AddOutcome(List<BomField> fields, (string Source, BomEvidence Piece)[] ordered)
    {
        (string Source, string Outcome)[] said = [.. ordered.Where(item => item.Piece.Outcome is not null).Select(item => (item.Source, DecisionWords.Normalize(item.Piece.Outcome!)))];
        if (said.Length == 0)
        {
            return "unknown";
        }

        (string source, string outcome) = said.MaxBy(item => Array.IndexOf(ByRestriction, item.Outcome));
        fields.Add(new BomField("decision_outcome", "outcome", outcome, source));
        string[] different = [.. said.Select(item => $"{item.Source}:{item.Outcome}").Distinct(StringComparer.Ordinal)];
        if (said.Select(item => item.Outcome).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            fields.Add(new BomField(ConflictField, "outcome", string.Join(',', different), source, 1.0, IsInferred: true));
        }

        return outcome;
    }
}
