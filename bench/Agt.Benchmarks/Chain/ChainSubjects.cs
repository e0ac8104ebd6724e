using System.Globalization;
using System.Text;
using Agt.Benchmarks.Percentiles;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Benchmarks.Chain;

internal static class ChainSubjects
{
    internal static IEnumerable<PercentileSubject> All()
    {
        var eight = new ChainHost(8);
        var one = new ChainHost(1);
        yield return new PercentileSubject("chain: 1 silent interceptor", Rounds(one));
        yield return new PercentileSubject("chain: 8 silent interceptors", Rounds(eight));
        yield return new PercentileSubject("chain: policy of 1,000 rules, allowed and recorded", Rounds(WithPolicy(1_000)));

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
    internal static ChainHost WithPolicy(int rules)
    {
        var policy = new StringBuilder("apiVersion: governance.toolkit/v1\nname: bench\nagents: ['*']\nrules:\n");
        for (int i = 1; i < rules; i++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"  - name: r{i}\n    condition: tool_name == 'Tool.{i}' and args.amount > {i}\n    action: deny\n");
        }

        policy.Append("  - name: refunds\n    condition: tool_name == 'Orders.Refund' and args.amount <= 5000\n    action: allow\n");
        return new ChainHost(configure: builder => builder.AddPolicyText(policy.ToString()));
    }

    private static Action Rounds(ChainHost host)
    {
        GovernedValue payload = host.Capture(out _);
        return () => host.Round(new GovernedAction(host.Tool, host.Session, payload));
    }
}
