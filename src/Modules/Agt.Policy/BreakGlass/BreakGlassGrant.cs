using System.Buffers;
using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Policy.BreakGlass;

/// <summary>
/// An override of policy in an emergency: what it lifts, for whom, for how long, and why. It holds once two authorised people have signed <see cref="ToBeSigned"/>, and ends by itself. Immutable.
/// </summary>
public sealed record BreakGlassGrant
{
    /// <summary>In <see cref="Lifts"/>: the default of a policy, <c>POLICY/default_deny</c>.</summary>
    public const string DefaultDeny = "default_deny";

    /// <summary>In <see cref="Lifts"/>: the list of tools of a policy, <c>POLICY/tool_allowlist</c>.</summary>
    public const string ToolAllowlist = "tool_allowlist";

    /// <summary>Names the grant. One id is accepted once.</summary>
    public required string Id { get; init; }

    /// <summary>What it lifts: rules, each as <c>POLICY/RULE</c>. Nothing else is lifted: what another rule denies stays denied.</summary>
    public required IReadOnlyList<string> Lifts { get; init; }

    /// <summary>The agents it is for; names, no patterns.</summary>
    public required IReadOnlyList<AgentId> Agents { get; init; }

    /// <summary>The tools it is for; names, no patterns.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>The session it is for; null for any.</summary>
    public string? Session { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The ticket or incident.</summary>
    public required string Ticket { get; init; }

    /// <summary>From when it holds (UTC).</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>When it ends (UTC).</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What is signed: <c>agt.break-glass.v1</c>, a zero byte, and the grant in canonical JSON (RFC 8785).</summary>
    public byte[] ToBeSigned()
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginMap();
        Text("id", Id);
        List("lifts", Lifts);
        List("agents", Agents.Select(agent => agent.Value));
        List("tools", Tools);
        Text("session", Session);
        Text("reason", Reason);
        Text("ticket", Ticket);
        Text("not_before", NotBefore.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Text("expires_at", ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        var output = new ArrayBufferWriter<byte>(512);
        output.Write(Encoding.UTF8.GetBytes("agt.break-glass.v1\0"));
        CanonicalJson.Write(output, arena.End());
        return output.WrittenSpan.ToArray();

        void Text(string name, string? value)
        {
            arena.Name(name);
            arena.Write(GovernedValue.From(value));
        }

        void List(string name, IEnumerable<string> values)
        {
            arena.Name(name);
            arena.BeginList();
            foreach (string value in values)
            {
                arena.Write(GovernedValue.From(value));
            }

            arena.End();
        }
    }
}
