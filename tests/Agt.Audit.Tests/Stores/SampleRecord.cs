using System.Globalization;
using System.Text;
using Agt.Audit.Queries;

namespace Agt.Audit.Tests.Stores;

/// <summary>A record that says something different in every field, and whether a query asks for it: the plain way, to compare an index with.</summary>
internal sealed record SampleRecord(long Index, Guid Id, string Agent, string Kind, string EventType, string Action, string? Decision, string? Rule, string[] Policies, string Session, string? Trace, string? Outcome, ulong DecisionId, DateTimeOffset At)
{
    internal static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    internal static SampleRecord Make(long index, Random random)
    {
        bool outcome = random.Next(3) == 0;
        string[] policies = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Hash(random.Next(4))).Distinct()];
        byte[] id = new byte[16];
        random.NextBytes(id);
        return new SampleRecord(
            index, new Guid(id), random.Next(2) == 0 ? "did:mesh:" + random.Next(5) : "agent-\"" + random.Next(5), outcome ? "outcome" : "decision", outcome ? "governance_outcome" : "governance_decision",
            "tool-" + random.Next(4), outcome ? null : new[] { "allow", "deny", "warn", "escalate" }[random.Next(4)], random.Next(3) == 0 ? null : "rule-é" + random.Next(6), policies, "session-" + random.Next(20),
            random.Next(2) == 0 ? null : Hash(random.Next(30))[..32], !outcome || random.Next(2) == 0 ? null : "failure", (ulong)random.NextInt64(1, 50), Start.AddSeconds(index).AddMilliseconds(random.Next(-3_000, 3_000)));
    }

    internal static string Hash(int number) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));

    internal byte[] Leaf()
    {
        var json = new StringBuilder("{\"action\":").Append(Text(Action)).Append(Agent.StartsWith("did:", StringComparison.Ordinal) ? ",\"agent_did\":" : ",\"agent_id\":").Append(Text(Agent));
        json.Append(CultureInfo.InvariantCulture, $",\"attributes\":{{\"agt.decision_id\":\"{DecisionId:x16}\",\"policies\":[{{\"sha256\":\"{Hash(99)}\"}}]}}");
        Member("decision", Decision);
        Member("event_type", EventType);
        Member("kind", Kind);
        Member("matched_rule", Rule);
        Member("occurred_at", At.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        Member("outcome", Outcome);
        if (Policies.Length > 1)
        {
            json.Append(",\"policies\":[").AppendJoin(',', Policies[1..].Select(hash => $"{{\"effect\":\"allow\",\"id\":\"p\",\"sha256\":\"{hash}\"}}")).Append(']');
        }

        Member("policy_version", Policies.FirstOrDefault());
        Member("record_id", Id.ToString());
        Member("session_id", Session);
        Member("trace_id", Trace);
        return Encoding.UTF8.GetBytes(json.Append(",\"v\":1}").ToString());

        void Member(string name, string? value)
        {
            if (value is not null)
            {
                json.Append(",\"").Append(name).Append("\":").Append(Text(value));
            }
        }
    }

    internal bool IsAskedBy(AuditQuery query) =>
        Is(query.Agent, Agent) && Is(query.Kind, Kind) && Is(query.EventType, EventType) && Is(query.Action, Action) && Is(query.Decision, Decision) && Is(query.Rule, Rule) &&
        (query.PolicyHash is null || Policies.Contains(query.PolicyHash)) && Is(query.Session, Session) && Is(query.Trace, Trace) && Is(query.Outcome, Outcome ?? (Kind == "outcome" ? "success" : null)) &&
        (query.From is null || At >= query.From) && (query.To is null || At <= query.To);

    private static bool Is(string? wanted, string? value) => wanted is null || wanted == value;

    private static string Text(string value) => "\"" + value.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
