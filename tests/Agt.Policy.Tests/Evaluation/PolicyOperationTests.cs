using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Policies while a host runs: reloads, modes, shadows.</summary>
public sealed class PolicyOperationTests : IDisposable
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("agt-operation").FullName;
    private readonly FakeLogCollector _logs = new();

    [Fact]
    [Requirement("POL-310", "POL-311", "POL-X09")]
    public async Task A_broken_file_under_the_load_of_eight_threads_changes_no_decision_and_shows()
    {
        string file = Path.Combine(_folder, "p.yaml");

        // Two rules that a half-loaded set would tear apart: each alone gives another answer.
        string Good(int n) => Head + $"default_action: allow\nrules:\n  - {{name: a{n}, condition: 'args.x == 1', action: deny}}\n  - {{name: b{n}, condition: 'args.x == 2', action: deny}}\n";
        await File.WriteAllTextAsync(file, Good(0), TestContext.Current.CancellationToken);
        using PolicyEngine engine = Engine(file);
        int raised = 0;
        engine.Reloaded += (_, reload) => Interlocked.Add(ref raised, reload.Error is null ? 0 : 1);
        bool stop = false;
        long decided = 0;
        var wrong = new List<string>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests");
            GovernedValue one = GovernedValue.FromJson("""{"x":1}""");
            GovernedValue two = GovernedValue.FromJson("""{"x":2}""");
            GovernedValue three = GovernedValue.FromJson("""{"x":3}""");
            while (!Volatile.Read(ref stop))
            {
                CompiledPolicySet set = engine.Current;
                string? first = Rule(set, template, one);
                string? second = Rule(set, template, two);
                if (first is null || second is null || first[1..] != second[1..] || Rule(set, template, three) is not null)
                {
                    lock (wrong)
                    {
                        wrong.Add($"{first} {second}");
                    }
                }

                Interlocked.Increment(ref decided);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        for (int n = 1; n <= 40; n++)
        {
            await File.WriteAllTextAsync(file, n % 2 == 0 ? Good(n) : Good(n)[..(Head.Length + 40 + n)], TestContext.Current.CancellationToken);
            engine.TryReload(out _);
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(wrong);
        Assert.True(decided > 0);
        PolicyStatistics statistics = engine.Statistics;
        Assert.Equal((21L, 20L, 20L), (statistics.Generation, statistics.Reloads, statistics.FailedReloads));
        Assert.Equal(20, raised);
        Assert.Equal(20, _logs.GetSnapshot().Count(record => record.Level == LogLevel.Error && record.Message.Contains("policy_reload_failed", StringComparison.Ordinal)));
    }

    [Fact]
    [Requirement("POL-312")]
    public async Task Changes_are_loaded_once_it_has_been_quiet_for_the_debounce_time()
    {
        string file = Path.Combine(_folder, "p.yaml");
        await File.WriteAllTextAsync(file, Head, TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        using PolicyEngine engine = Engine(file, time);
        using var watcher = new PolicyWatcher(engine, new PolicyOptions { Paths = { file } }, time, new FakeLogger(_logs));
        watcher.Touch();
        time.Advance(TimeSpan.FromMilliseconds(200));
        watcher.Touch();
        time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(1, engine.Current.Generation);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, engine.Current.Generation);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, engine.Current.Generation);
    }

    [Fact]
    [Requirement("POL-310", "POL-312")]
    public async Task A_file_that_is_written_is_noticed()
    {
        string file = Path.Combine(_folder, "p.yaml");
        await File.WriteAllTextAsync(file, Head, TestContext.Current.CancellationToken);
        using var engine = new PolicyEngine(new PolicyOptions { Paths = { file }, WatchFiles = true, ReloadDebounce = TimeSpan.FromMilliseconds(1) });
        var reloaded = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Reloaded += (_, reload) =>
        {
            if (engine.Current.Policies[0].Version == "2")
            {
                reloaded.TrySetResult(reload.Generation);
            }
        };
        await File.WriteAllTextAsync(file, Head + "version: '2'\n", TestContext.Current.CancellationToken);
        Assert.True(await reloaded.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken) > 1);
    }

    [Fact]
    [Requirement("POL-311")]
    public async Task A_handler_that_throws_changes_nothing()
    {
        string file = Path.Combine(_folder, "p.yaml");
        await File.WriteAllTextAsync(file, Head, TestContext.Current.CancellationToken);
        using PolicyEngine engine = Engine(file);
        engine.Reloaded += (_, _) => throw new InvalidOperationException();
        Assert.True(engine.TryReload(out _));
        Assert.Equal(2, engine.Current.Generation);
    }

    [Fact]
    [Requirement("POL-315")]
    [Requirement("ADP-050")]
    public async Task Policies_that_are_evaluated_only_hold_nobody_back_and_say_what_they_would_have_done()
    {
        const string policy = Head + "rules:\n  - {name: no, condition: \"tool_name == 'rm'\", action: deny}\n  - {name: ask, condition: \"tool_name == 'pay'\", action: require_approval}\n" +
            "  - {name: pace, condition: \"tool_name == 'often'\", action: rate_limit, limit: 1/hour}\n  - {name: cut, condition: \"tool_name == 'note'\", action: transform, transforms: [{path: args.text, op: remove}]}\n";
        await using var host = new PolicyHost(policy, builder => builder.Services.Configure<PolicyOptions>(options => options.Mode = PolicyMode.EvaluateOnly));
        Decision denied = await host.DecideAsync("rm");
        Assert.Equal((VerdictOutcome.Warn, "policy:would_deny", "no"), (denied.Outcome, denied.Reason.Code, denied.Detail.Rule));
        Assert.Contains("would be: rule_denied", denied.Detail.Explanation, StringComparison.Ordinal);
        Decision asked = await host.DecideAsync("pay");
        Assert.Equal((VerdictOutcome.Warn, "policy:would_escalate"), (asked.Outcome, asked.Reason.Code));
        Assert.True((await host.DecideAsync("often")).IsAllowed);
        Assert.True((await host.DecideAsync("often")).IsAllowed);
        Assert.False((await host.DecideAsync("note", """{"text":"x"}""")).HasPatches);
    }

    [Fact]
    [Requirement("POL-315", "POL-316")]
    public async Task A_shadow_decides_nothing_and_counts_where_it_differs()
    {
        string file = Path.Combine(_folder, "next.yaml");
        await File.WriteAllTextAsync(file, Head + "default_action: allow\nrules:\n  - {name: no-mail, condition: \"tool_name == 'mail'\", action: deny}\n  - {name: odd, condition: \"args.x > 'a'\", action: deny}\n", TestContext.Current.CancellationToken);
        await using var host = new PolicyHost(Head + "default_action: allow\n", builder => builder.AddShadowPolicy(file));
        ShadowPolicy shadow = host.Resolve<ShadowPolicy>();
        for (int i = 0; i < 97; i++)
        {
            Assert.True((await host.DecideAsync("read")).IsAllowed);
        }

        Assert.True(shadow.Evaluated > 0);
        Assert.True(shadow.IsWithinTarget);
        long before = shadow.Evaluated;
        Assert.True((await host.DecideAsync("mail")).IsAllowed);
        Assert.True((await host.DecideAsync("read", """{"x":1}""")).IsAllowed);
        Assert.Equal(2, shadow.Diverged);
        Assert.Equal(shadow.Diverged / (double)shadow.Evaluated, shadow.Rate);
        Assert.True(shadow.Evaluated > before);
        Assert.Equal(1, shadow.Reasons["allow (default_allow) -> deny (no-mail)"]);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("mail"), "tests");
        Assert.Equal((2L, 1L), shadow.Replay(host.Engine.Current, [(template, default), (new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("read"), "tests"), default)]));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Rule(CompiledPolicySet set, ActionTemplate template, GovernedValue payload)
    {
        var input = new PolicyInput(template, payload);
        return set.Evaluate(in input).Detail?.Rule;
    }

    private PolicyEngine Engine(string file, TimeProvider? time = null) =>
        new(new PolicyOptions { Paths = { file } }, time, LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs))));
}
