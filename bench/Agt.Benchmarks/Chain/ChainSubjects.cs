using System.Globalization;
using System.Text;
using Agt.Benchmarks.Percentiles;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Benchmarks.Chain;

internal static class ChainSubjects
{
    private const string SessionRules = """
          - { name: trusted, condition: "session.trust == 'high' and args.amount > 100000", action: deny }
          - { name: labelled, condition: "session.labels contains 'tainted'", action: deny }
          - { name: busy, condition: "session.tool_calls > 1000000000", action: deny }

        """;

    private const string LimitRule = """
          - { name: often, condition: "tool_name == 'Orders.Refund'", action: rate_limit, limit: 1000000000/second }

        """;

    internal static IEnumerable<PercentileSubject> All()
    {
        var eight = new ChainHost(8);
        var one = new ChainHost(1);
        yield return new PercentileSubject("chain: 1 silent interceptor", Rounds(one));
        yield return new PercentileSubject("chain: 8 silent interceptors", Rounds(eight));
        yield return new PercentileSubject("chain: policy of 1,000 rules, allowed and recorded", Rounds(WithPolicy(1_000)));

        yield return new PercentileSubject("chain: policy of 1,000 rules, session and labels beside it", Rounds(WithPolicy(1_000, SessionRules)));
        yield return new PercentileSubject("chain: policy of 1,000 rules, session, labels, limits and information flow beside it", Rounds(WithPolicy(1_000, SessionRules + LimitRule, builder => builder.AddInformationFlow(flow => flow.Declare("*", ToolEffects.Writes)))));

        yield return new PercentileSubject("capture: 6 members", () =>
        {
            one.Capture(out ValueArena arena);
            arena.Release();
        });
        yield return new PercentileSubject("capture + action + chain", () =>
        {
            GovernedValue payload = one.Capture(out ValueArena arena);
            one.Round(new GovernedAction(one.Tool, one.Session, payload, arena));
        });
    }

    /// <summary>A chain whose policy has one rule that allows the tool on a test of its arguments, and many for other tools.</summary>
    internal static ChainHost WithPolicy(int rules, string more = "", Action<IGovernanceBuilder>? configure = null)
    {
        var policy = new StringBuilder("apiVersion: governance.toolkit/v1\nname: bench\nagents: ['*']\n" + (more.Length > 0 ? "session_attributes:\n  - { name: trust, ordering: [low, high] }\n" : string.Empty) + "rules:\n").Append(more);
        for (int i = 1; i < rules; i++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"  - name: r{i}\n    condition: tool_name == 'Tool.{i}' and args.amount > {i}\n    action: deny\n");
        }

        policy.Append("  - name: refunds\n    condition: tool_name == 'Orders.Refund' and args.amount <= 5000\n    action: allow\n");
        return new ChainHost(configure: builder =>
        {
            builder.AddPolicyText(policy.ToString());
            configure?.Invoke(builder);
        });
    }

    private static Action Rounds(ChainHost host)
    {
        GovernedValue payload = host.Capture(out _);
        return () => host.Round(new GovernedAction(host.Tool, host.Session, payload));
    }
}
