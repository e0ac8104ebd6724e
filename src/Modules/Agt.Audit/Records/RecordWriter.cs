using System.Diagnostics;
using System.Security.Cryptography;
using Agt.Audit.Sealing;
using Agt.Audit.Tiles;
using Agt.Values;

namespace Agt.Audit.Records;

/// <summary>Puts records into words: one canonical JSON object each (spec 09, 4.1), members in the order of RFC 8785. Used by the writing thread alone.</summary>
internal sealed class RecordWriter(RecordIds ids, RecordEnvironment environment, ContextCapture capture, Vault? vault, IReadOnlyList<MemberRule> rules, string directory)
{
    private const int MaxContributions = 32;
    private const int MaxContextBytes = EntryBundle.MaxEntryBytes - 24_576;
    private static readonly string Engine = "agt/" + typeof(RecordWriter).Assembly.GetName().Version?.ToString(3);
    private readonly JsonWriter _json = new();
    private readonly JsonWriter _canonical = new();
    private readonly MaskedArguments? _masked = rules.Count > 0 ? new MaskedArguments(rules) : null;

    /// <summary>Whether a record that would be too long is written again without what can be missed: labels, policies beside the one that decided, explanation, arguments.</summary>
    private bool _brief;
    private long _index;
    private string? _sealed;

    /// <summary>The last record that was written.</summary>
    internal ReadOnlySpan<byte> Written => _json.Written;

    /// <summary>Why the last arguments could not be sealed; null if they were.</summary>
    internal Exception? SealingFailure { get; private set; }

    /// <summary>Writes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="sequence">Its number among the records of this run, from 1.</param>
    /// <param name="index">Its place in the log.</param>
    /// <exception cref="InvalidDataException">It is longer than an entry of a log can be.</exception>
    internal void Write(in PendingRecord record, long sequence, long index)
    {
        _index = index;
        _sealed = null;
        SealingFailure = null;
        _brief = false;
        WriteOnce(in record, sequence);
        if (_json.Length > EntryBundle.MaxEntryBytes)
        {
            _brief = true;
            WriteOnce(in record, sequence);
        }

        if (_json.Length > EntryBundle.MaxEntryBytes)
        {
            throw new InvalidDataException($"A record has {_json.Length} bytes; an entry of a log has at most {EntryBundle.MaxEntryBytes}.");
        }
    }

    private void WriteOnce(in PendingRecord record, long sequence)
    {
        _json.Clear();
        _json.Raw("{"u8);
        if (record.Draft is { } draft)
        {
            WriteDraft(draft, record.Timestamp, sequence);
        }
        else if (record.Event is { } happened)
        {
            WriteEvent(happened, record.Timestamp, sequence);
        }
        else if (record.Status is { } status)
        {
            WriteOutcome(in record, status, sequence);
        }
        else
        {
            WriteDecision(in record, sequence);
        }

        _json.Raw("}"u8);
    }

    private void WriteDecision(in PendingRecord record, long sequence)
    {
        GovernedAction action = record.Action!;
        ActionTemplate template = action.Template;
        Decision decision = record.Decision!;
        VerdictDetail detail = decision.Detail;
        _json.Member("action"u8, template.Tool?.Name ?? template.Operation);
        WriteAgent(template.Principal.Agent);
        _json.Member("approver_did"u8, record.Approver, 512);
        Digest arguments = default;
        bool hasPayload = !record.Payload.IsAbsent;
        if (hasPayload)
        {
            _canonical.Clear();
            CanonicalJson.Write(_canonical, record.Payload);
            arguments = Digest.Of(_canonical.Written);
            _json.Name("arguments_hash"u8);
            WriteDigest(arguments);
        }

        WriteAttributes(in record, action, template, decision);
        WriteBom(template, decision);
        _json.Member("category"u8, detail.Reason.Category == DenialCategory.None ? null : detail.Reason.Category.ToString());
        _json.Member("compute_driver"u8, environment.ComputeDriver);
        WriteContext(in record, hasPayload);
        _json.Member("decision"u8, WireName(decision.Outcome));

        // The denial because the decision could not be recorded: the record of that decision may yet be written, and is another one.
        bool revokes = ReferenceEquals(detail.Reason, ReasonCodes.AuditUnavailable);
        if (revokes)
        {
            _json.Name("decision_ref"u8);
            Id(ids.OfDecision(action.Timestamp, record.Id));
        }

        WriteEmitter(sequence);
        _json.Member("environment"u8, environment.Name);
        _json.Member("event_type"u8, "governance_decision");
        _json.Member("kind"u8, "decision");
        _json.Member("matched_rule"u8, detail.Rule ?? RuleBehind(decision));
        Name("occurred_at"u8, record.Timestamp);
        ActivityContext trace = record.Activity?.Context ?? default;
        if (!_brief)
        {
            WritePolicies(decision);
        }

        _json.Member("policy_version"u8, decision.PolicySetDigest.IsEmpty ? null : decision.PolicySetDigest.ToString());
        _json.Member("reason"u8, _brief ? null : detail.Explanation, 4_096);
        _json.Member("reason_code"u8, detail.Reason.Code);
        _json.Name("record_id"u8);
        Id(revokes ? ids.OfSequence(record.Timestamp, sequence) : ids.OfDecision(action.Timestamp, record.Id));
        _json.Member("resource"u8, template.Tool?.Source);
        _json.Member("sandbox_id"u8, environment.SandboxId);
        _json.Member("session_id"u8, action.Session.Id.ToString(), 256);
        _json.Member("severity"u8, Severity(decision));
        WriteTrace(trace);
        _json.Member("v"u8, 1);
    }

    private void WriteOutcome(in PendingRecord record, OutcomeStatus status, long sequence)
    {
        GovernedAction action = record.Action!;
        ActionTemplate template = action.Template;
        _json.Member("action"u8, template.Tool?.Name ?? template.Operation);
        WriteAgent(template.Principal.Agent);
        _json.Name("attributes"u8);
        _json.Raw("{"u8);
        _json.Member("agt.decision_id"u8, record.Id.ToString());
        if (status is OutcomeStatus.Abandoned or OutcomeStatus.Cancelled)
        {
            _json.Member("agt.status"u8, status == OutcomeStatus.Abandoned ? "abandoned" : "cancelled");
        }

        _json.Raw("}"u8);
        Name("completed_at"u8, record.Timestamp);
        _json.Member("compute_driver"u8, environment.ComputeDriver);
        _json.Member("decision"u8, record.Decision is { } result ? WireName(result.Outcome) : null);
        _json.Name("decision_ref"u8);
        Id(ids.OfDecision(action.Timestamp, record.Id));
        WriteEmitter(sequence);
        _json.Member("environment"u8, environment.Name);
        _json.Member("event_type"u8, "governance_outcome");
        _json.Member("kind"u8, "outcome");
        _json.Member("matched_rule"u8, record.Decision?.Detail.Rule);
        Name("occurred_at"u8, record.Timestamp);
        _json.Member("outcome"u8, status switch
        {
            OutcomeStatus.Completed => null,
            OutcomeStatus.Failed => "failure",
            OutcomeStatus.Denied => "denied",
            _ => "error",
        });
        _json.Member("reason_code"u8, record.Decision?.Detail.Reason.Code);
        _json.Name("record_id"u8);
        Id(ids.OfSequence(record.Timestamp, sequence));
        _json.Member("sandbox_id"u8, environment.SandboxId);
        _json.Member("session_id"u8, action.Session.Id.ToString(), 256);
        WriteTrace(record.Activity?.Context ?? default);
        _json.Member("v"u8, 1);
    }

    private void WriteEvent(AuditEvent happened, DateTimeOffset now, long sequence)
    {
        _json.Member("action"u8, happened.Action);
        if (happened.Agent is { } agent)
        {
            WriteAgent(agent);
        }
        else
        {
            _json.Member("agent_id"u8, "log");
        }

        if (happened.Attributes.Count > 0)
        {
            _json.Name("attributes"u8);
            _json.Raw("{"u8);
            foreach ((string name, string value) in happened.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (_json.Written[^1] != (byte)'{')
                {
                    _json.Raw(","u8);
                }

                _json.Text(name, 128);
                _json.Raw(":"u8);
                _json.Text(value, 4_096);
            }

            _json.Raw("}"u8);
        }

        _json.Member("compute_driver"u8, environment.ComputeDriver);
        WriteEmitter(sequence);
        _json.Member("environment"u8, environment.Name);
        _json.Member("event_type"u8, happened.EventType, 128);
        _json.Member("kind"u8, happened.Kind, 32);
        Name("occurred_at"u8, happened.OccurredAt ?? now);
        _json.Member("reason"u8, happened.Reason, 4_096);
        _json.Name("record_id"u8);
        Id(ids.OfSequence(now, sequence));
        _json.Member("resource"u8, happened.Resource);
        _json.Member("sandbox_id"u8, environment.SandboxId);
        _json.Member("severity"u8, happened.Severity == "info" ? null : happened.Severity, 16);
        _json.Member("v"u8, 1);
    }

    /// <summary>What somebody else handed in, with what is missing.</summary>
    private void WriteDraft(RecordDraft draft, DateTimeOffset now, long sequence)
    {
        var members = new SortedDictionary<string, byte[]>(draft.Members, StringComparer.Ordinal) { ["v"] = "1"u8.ToArray() };
        if (draft.Emitter is null)
        {
            members["emitter_id"] = DraftSchema.Text(ids.Emitter);
            members["emitter_seq"] = System.Text.Encoding.ASCII.GetBytes(sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        members.TryAdd("record_id", DraftSchema.Text((draft.Emitter is null ? ids.OfSequence(now, sequence) : Guid.CreateVersion7(now)).ToString("D")));
        members.TryAdd("occurred_at", DraftSchema.Text(now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        foreach ((string name, byte[] value) in members)
        {
            _json.Name(System.Text.Encoding.ASCII.GetBytes(name));
            _json.Raw(value);
        }
    }

    private void WriteAttributes(in PendingRecord record, GovernedAction action, ActionTemplate template, Decision decision)
    {
        _json.Name("attributes"u8);
        _json.Raw("{"u8);
        _json.Member("agt.call_id"u8, action.CallId, 256);
        _json.Member("agt.decision_digest"u8, decision.Digest.ToString());
        _json.Member("agt.decision_id"u8, record.Id.ToString());
        if (template.Tool is { Effects: not ToolEffects.None } tool)
        {
            _json.Member("agt.effects"u8, tool.Effects.ToString().ToLowerInvariant(), 128);
        }

        if (!decision.IsEnforced)
        {
            _json.Name("agt.enforced"u8);
            _json.Raw("false"u8);
        }

        _json.Member("agt.framework"u8, template.Framework, 128);
        if (template.Tool?.IdempotencyArgument is { } argument && record.Payload.Kind == ValueKind.Map && record.Payload.TryGetMember(argument, out GovernedValue key))
        {
            _json.Member("agt.idempotency_key"u8, key.AsString(), 256);
        }

        if (!_brief && record.Labels is { Count: > 0 } labels)
        {
            _json.Name("agt.labels"u8);
            _json.Raw("["u8);
            foreach (string label in labels.Order(StringComparer.Ordinal).Take(64))
            {
                if (_json.Written[^1] != (byte)'[')
                {
                    _json.Raw(","u8);
                }

                _json.Text(label, 256);
            }

            _json.Raw("]"u8);
        }

        _json.Member("agt.operation"u8, template.Operation, 128);
        _json.Member("agt.point"u8, template.Point.WireName());
        _json.Member("agt.policy_signer"u8, decision.Detail.PolicySigner, 128);
        if (_brief)
        {
            _json.Name("agt.shortened"u8);
            _json.Raw("true"u8);
        }

        _json.Member("agt.tenant"u8, template.Principal.Tenant, 256);
        if (decision.HasPatches)
        {
            _json.Name("agt.transformed"u8);
            _json.Raw("true"u8);
        }

        _json.Member("agt.user"u8, template.Principal.User, 256);
        _json.Raw("}"u8);
    }

    /// <summary>The bill of materials of the decision: what it was made from, at the time it was made (spec 09, 3.8).</summary>
    private void WriteBom(ActionTemplate template, Decision decision)
    {
        _json.Name("bom"u8);
        _json.Raw("["u8);
        Field("identity"u8, "agent_identity"u8, "session"u8, template.Principal.Agent.Value);
        Field("action"u8, "action_type"u8, "adapter"u8, template.Operation);
        Field("context"u8, "engine"u8, "chain"u8, Engine);
        Field("outcome"u8, "decision_outcome"u8, "chain"u8, WireName(decision.Outcome));
        Field("policy"u8, "policy_rules_evaluated"u8, "chain"u8, RuleNames(decision));
        if (!decision.PolicySetDigest.IsEmpty)
        {
            Field("policy"u8, "policy_set"u8, "policy"u8, decision.PolicySetDigest.ToString());
        }

        if (template.Tool is { } tool && !tool.ContentHash.IsEmpty)
        {
            Field("action"u8, "tool_schema"u8, "adapter"u8, tool.ContentHash.ToString());
        }

        _json.Raw("]"u8);
    }

    private void Field(ReadOnlySpan<byte> category, ReadOnlySpan<byte> name, ReadOnlySpan<byte> source, string value)
    {
        _json.Raw(_json.Written[^1] == (byte)'[' ? "{\"category\":\""u8 : ",{\"category\":\""u8);
        _json.Raw(category);
        _json.Raw("\",\"name\":\""u8);
        _json.Raw(name);
        _json.Raw("\",\"source\":\""u8);
        _json.Raw(source);
        _json.Raw("\",\"value\":"u8);
        _json.Text(value, 1_024);
        _json.Raw("}"u8);
    }

    /// <summary>The arguments, as far as the host wants them: sealed, or in clear where they leave room for the rest, without secrets and with personal members sealed. Their canonical form is still there from its digest.</summary>
    private void WriteContext(in PendingRecord record, bool hasPayload)
    {
        if (!hasPayload || capture == ContextCapture.Digest)
        {
            return;
        }

        int before = _json.Length;
        try
        {
            if (capture == ContextCapture.Sealed)
            {
                _sealed ??= Seal(in record, Vault.Pointer, WithoutSecrets());
                _json.Name("context"u8);
                _json.Raw("{\"arguments\":{\"_sd\":"u8);
                _json.Text(_sealed, 64);
                _json.Raw("}}"u8);
                return;
            }

            PendingRecord sealing = record;
            _masked?.Write(_canonical.Written, (pointer, value) => Seal(in sealing, pointer, value));
            ReadOnlySpan<byte> arguments = _masked is null ? _canonical.Written : _masked.Written;
            if (_brief || arguments.Length > MaxContextBytes)
            {
                string hash = ContextBlob.Write(directory, _index, arguments);
                _json.Name("context_ref"u8);
                _json.Raw("{\"sha256\":"u8);
                _json.Text(hash, 64);
                _json.Member("size"u8, arguments.Length);
                _json.Raw("}"u8);
                return;
            }

            _json.Name("context"u8);
            _json.Raw("{\"arguments\":"u8);
            _json.Raw(arguments);
            _json.Raw("}"u8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The record is written without them: it is the record that must not be lost.
            _json.Truncate(before);
            SealingFailure = exception;
        }
    }

    private ReadOnlySpan<byte> WithoutSecrets()
    {
        if (_masked is null)
        {
            return _canonical.Written;
        }

        _masked.Write(_canonical.Written, null);
        return _masked.Written;
    }

    private string Seal(in PendingRecord record, string pointer, ReadOnlySpan<byte> canonicalValue)
    {
        Principal principal = record.Action!.Template.Principal;
        return vault!.Seal(_index, ids.OfDecision(record.Action.Timestamp, record.Id), principal.User ?? principal.Agent.Value, pointer, canonicalValue);
    }

    private void WritePolicies(Decision decision)
    {
        bool any = false;
        int count = 0;
        foreach (Contribution contribution in decision.Contributions)
        {
            if (contribution.Verdict.Detail is not { Policy: { } policy } detail || ++count > MaxContributions)
            {
                continue;
            }

            if (!any)
            {
                _json.Name("policies"u8);
                _json.Raw("["u8);
            }

            _json.Raw(any ? ",{"u8 : "{"u8);
            any = true;
            _json.Member("effect"u8, WireName(contribution.Verdict.Outcome));
            _json.Member("id"u8, policy, 256);
            _json.Member("rule"u8, detail.Rule, 256);
            if (!detail.PolicyDigest.IsEmpty)
            {
                _json.Name("sha256"u8);
                WriteDigest(detail.PolicyDigest);
            }

            _json.Member("version"u8, detail.PolicyVersion, 128);
            _json.Raw("}"u8);
        }

        if (any)
        {
            _json.Raw("]"u8);
        }
    }

    private void WriteAgent(AgentId agent) => _json.Member(agent.Value.StartsWith("did:", StringComparison.Ordinal) ? "agent_did"u8 : "agent_id"u8, agent.Value, 512);

    private void WriteEmitter(long sequence)
    {
        _json.Member("emitter_id"u8, ids.Emitter);
        _json.Member("emitter_seq"u8, sequence);
    }

    private void WriteTrace(ActivityContext trace)
    {
        if (trace == default)
        {
            return;
        }

        _json.Member("span_id"u8, trace.SpanId.ToHexString());
        _json.Member("trace_id"u8, trace.TraceId.ToHexString());
    }

    private void WriteDigest(Digest digest)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        digest.CopyTo(bytes);
        _json.Hex(bytes);
    }

    private void Name(ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        _json.Name(name);
        _json.Time(time);
    }

    private void Id(Guid id)
    {
        Span<byte> text = stackalloc byte[38];
        text[0] = text[37] = (byte)'"';
        id.TryFormat(text[1..], out _);
        _json.Raw(text);
    }

    /// <summary>The rule that a person was asked for, say: that of the strictest verdict which names one.</summary>
    private static string? RuleBehind(Decision decision)
    {
        Contribution? strictest = null;
        foreach (Contribution contribution in decision.Contributions)
        {
            if (contribution.Verdict.Detail?.Rule is not null && (strictest is null || contribution.Verdict.Outcome > strictest.Value.Verdict.Outcome))
            {
                strictest = contribution;
            }
        }

        return strictest?.Verdict.Detail?.Rule;
    }

    private static string RuleNames(Decision decision)
    {
        IReadOnlyList<Contribution> contributions = decision.Contributions;
        if (contributions.Count <= 1)
        {
            return decision.Detail.Rule ?? "none";
        }

        return string.Join(',', contributions.Where(contribution => contribution.Verdict.Detail?.Rule is not null).Take(MaxContributions).Select(contribution => contribution.Verdict.Detail!.Rule));
    }

    private static string WireName(VerdictOutcome outcome) => outcome switch
    {
        VerdictOutcome.Allow => "allow",
        VerdictOutcome.Warn => "warn",
        VerdictOutcome.Escalate => "escalate",
        _ => "deny",
    };

    private static string? Severity(Decision decision) => decision.Outcome switch
    {
        VerdictOutcome.Allow => null,
        VerdictOutcome.Warn => "low",
        _ => decision.Detail.Reason.Category is DenialCategory.Identity or DenialCategory.PolicyError ? "high" : "medium",
    };
}
