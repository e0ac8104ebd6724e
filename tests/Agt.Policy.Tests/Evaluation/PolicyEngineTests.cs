using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Loading and replacing the set in force.</summary>
public sealed class PolicyEngineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("policies").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Requirement("POL-311")]
    public void A_missing_file_stops_the_host_and_is_named()
    {
        PolicyLoadException exception = Assert.Throws<PolicyLoadException>(() => Resolve(builder => builder.AddPolicy(Path.Combine(_directory, "none.yaml"))));
        Assert.Contains("none.yaml", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_policy_at_all_stops_the_host() =>
        Assert.Contains("No policy is given", Assert.Throws<PolicyLoadException>(() => Resolve(builder => builder.AddPolicy(_ => { }))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_refused_policy_stops_the_host_with_the_place_of_the_error() =>
        Assert.Contains(
            "AGTP", Assert.Throws<PolicyLoadException>(() => Resolve(builder => builder.AddPolicyText("apiVersion: governance.toolkit/v1\nname: p\nrules:\n  - name: r\n    condition: \"a ==\"\n"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Two_policies_of_one_name_stop_the_host() =>
        Assert.Throws<PolicyLoadException>(() => Resolve(builder => builder.AddPolicyText(Policy("a", "b")).AddPolicyText(Policy("b", "a"))));

    [Theory]
    [InlineData(0, 1L)]
    [InlineData(1, 0L)]
    public void Options_out_of_range_stop_the_host(int keys, long characters) =>
        Assert.Throws<OptionsValidationException>(() => Resolve(builder => builder.AddPolicyText(Policy("a", "b")).AddPolicy(options =>
        {
            options.MaxRateLimitKeys = keys;
            options.MaxScannedCharacters = characters;
        })));

    [Fact]
    [Requirement("POL-310", "POL-311", "POL-X09")]
    public void A_reload_that_fails_keeps_the_set_in_force()
    {
        string file = Path.Combine(_directory, "p.yaml");
        File.WriteAllText(file, Policy("a", "b"));
        PolicyEngine engine = new(new PolicyOptions { Paths = { file } });
        CompiledPolicySet first = engine.Current;

        File.WriteAllText(file, "name: [");
        Assert.Throws<PolicyLoadException>(engine.Reload);
        Assert.Same(first, engine.Current);

        File.WriteAllText(file, Policy("b", "a"));
        engine.Reload();
        Assert.Equal((1L, 2L), (first.Generation, engine.Current.Generation));
        Assert.NotEqual(first.SetDigest, engine.Current.SetDigest);
    }

    [Fact]
    [Requirement("POL-099", "POL-310")]
    public async Task Eight_threads_see_one_whole_set_or_the_other_while_it_is_replaced()
    {
        string file = Path.Combine(_directory, "p.yaml");
        File.WriteAllText(file, Policy("a", "b"));
        PolicyEngine engine = new(new PolicyOptions { Paths = { file } });
        ActionTemplate a = Tool("a");
        ActionTemplate b = Tool("b");
        int running = 8;
        int mixed = 0;
        Task[] readers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                CompiledPolicySet set = engine.Current;
                var first = new PolicyInput(a, default);
                var second = new PolicyInput(b, default);
                if (set.Evaluate(in first).Outcome == set.Evaluate(in second).Outcome)
                {
                    Interlocked.Increment(ref mixed);
                }
            }

            Interlocked.Decrement(ref running);
        }))];
        long generation = 1;
        while (Volatile.Read(ref running) > 0 || generation < 10)
        {
            File.WriteAllText(file, ++generation % 2 == 0 ? Policy("b", "a") : Policy("a", "b"));
            engine.Reload();
        }

        await Task.WhenAll(readers);
        Assert.Equal(0, mixed);
        Assert.Equal(generation, engine.Current.Generation);
    }

    private static string Policy(string allowed, string denied) =>
        $"apiVersion: governance.toolkit/v1\nname: p\nrules:\n  - name: yes\n    condition: \"tool_name == '{allowed}'\"\n    action: allow\n  - name: no\n    condition: \"tool_name == '{denied}'\"\n    action: deny\n";

    private static ActionTemplate Tool(string name) =>
        new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity(name), "tests");

    private static void Resolve(Action<IGovernanceBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure(services.AddGovernance());
        using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IGovernance>();
    }
}
