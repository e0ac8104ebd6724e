using Agt.Policy.Acs;
using Agt.Values;
using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Policy;

/// <summary>What a manifest costs beside its policy: input, canonical text, checks and identities, on a tool call of one kibibyte.</summary>
[MemoryDiagnoser]
[Config(typeof(PercentileColumns))]
public class AcsBenchmarks
{
    private const string Manifest = """
        agent_control_specification_version: 0.3.1-beta
        policies: { p: { type: test } }
        tools: { mail.send: { clearance: internal } }
        intervention_points: { pre_tool_call: { policy_target: $.tool_call.args, tool_name_from: $.tool_call.name, policy: { id: p } } }
        """;

    private readonly GovernedValue _snapshot = GovernedValue.FromJson($$$"""
        {"envelope":{"agent":{"id":"agent-1"},"session":{"id":"s-1"},"intervention_point":"pre_tool_call","budgets":{"tool_call_count":3,"token_count":1200,"elapsed_seconds":2.5}},
         "tool_call":{"name":"mail.send","id":"call-1","args":{"to":["ann@a.example"],"subject":"Report","body":"{{{new string('x', 800)}}}" } } }
        """);

    private AcsRuntime _allowing = null!;
    private AcsRuntime _transforming = null!;

    [GlobalSetup]
    public void Setup()
    {
        _allowing = Runtime("""{"decision":"allow"}""");
        _transforming = Runtime("""{"decision":"transform","transform":{"path":"$policy_target.subject","value":"x"}}""");
    }

    [Benchmark]
    public ValueTask<AcsResult> Allow() => _allowing.EvaluateAsync(InterventionPoint.PreToolCall, _snapshot);

    [Benchmark]
    public ValueTask<AcsResult> Transform() => _transforming.EvaluateAsync(InterventionPoint.PreToolCall, _snapshot);

    private static AcsRuntime Runtime(string answer)
    {
        var options = new AcsRuntimeOptions();
        options.Engines["test"] = new Fixed(GovernedValue.FromJson(answer));
        return new AcsRuntime(AcsManifestLoader.LoadText(Manifest).GetManifest(), options);
    }

    private sealed class Fixed(GovernedValue answer) : IAcsPolicyEngine
    {
        public ValueTask<GovernedValue> EvaluateAsync(AcsPolicyInvocation invocation, CancellationToken cancellationToken) => new(answer);
    }
}
