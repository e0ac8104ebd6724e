using System.Text;
using Agt.Policy.Acs;
using Agt.Values;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsRuntimeTests
{
    private const string Tools = """
        agent_control_specification_version: 0.3.1-beta
        policies: { p: { type: test } }
        annotators: { a: { type: classifier, model: m, depth: 1 }, b: { type: llm } }
        tools: { search: { type: Tool, name: ignored, clearance: internal } }
        intervention_points:
          input: { policy_target: $snap.input, policy_target_kind: user_input, policy: { id: p } }
          pre_model_call: { policy_target: "$", policy: { id: p }, annotations: { b: { from: $pi.policy_target.value.x }, a: { from: "$snap.x", depth: 2 } } }
          pre_tool_call: { policy_target: $snap.call.args, tool_name_from: $snap.call.name, policy: { id: p }, annotations: { a: { from: $tool.name } } }
          post_tool_call: { policy_target: $snap.call.args, policy: { id: p } }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("$snap.a", "1")]
    [InlineData("$.a", "1")]
    [InlineData("$", """{"a":1,"b.c":{"d":[10,20]},"n":null,"e":{"10":"x"}}""")]
    [InlineData("""$snap["b.c"].d[1]""", "20")]
    [InlineData("$snap[\"b\\u002ec\"][\"d\"][0]", "10")]
    [InlineData("$snap.n", "null")]
    [InlineData("$snap.e.10", "\"x\"")]
    [Requirement("POL-405")]
    [Requirement("POL-406")]
    public void A_path_leads_to_its_value(string path, string value)
    {
        GovernedValue snapshot = AcsCorpus.Value("""{"a":1,"b.c":{"d":[10,20]},"n":null,"e":{"10":"x"}}""");
        Assert.True(AcsPath.TryParse(path, alias: true, out AcsPath? parsed, out _));
        AcsCorpus.AssertSame(AcsCorpus.Value(value), parsed!.Resolve(snapshot), path);
    }

    [Theory]
    [InlineData("$snap.missing", AcsReasons.PathMissing)]
    [InlineData("$snap.list[2]", AcsReasons.PathMissing)]
    [InlineData("$snap.list.0", AcsReasons.PathTypeMismatch)]
    [InlineData("$snap.n.x", AcsReasons.PathTypeMismatch)]
    [InlineData("$snap.n[0]", AcsReasons.PathTypeMismatch)]
    [InlineData("$snap.a.x", AcsReasons.PathTypeMismatch)]
    [InlineData("$snap[0]", AcsReasons.PathTypeMismatch)]
    [Requirement("POL-406")]
    public void A_path_that_leads_nowhere_says_why(string path, string reason)
    {
        Assert.True(AcsPath.TryParse(path, alias: false, out AcsPath? parsed, out _));
        Assert.Equal(reason, Assert.Throws<AcsException>(() => parsed!.Resolve(AcsCorpus.Value("""{"a":1,"n":null,"list":[1,2]}"""))).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("snap.a")]
    [InlineData("$snapx.a")]
    [InlineData("$snap.")]
    [InlineData("$snap..a")]
    [InlineData("$snap[-1]")]
    [InlineData("$snap[+1]")]
    [InlineData("$snap[1")]
    [InlineData("$snap[1]x")]
    [InlineData("$snap[\"a]")]
    [InlineData("$snap[\"\"]")]
    [InlineData("$snap[\"\\q\"]")]
    [InlineData("$snap.a]b")]
    [InlineData("$[0]")]
    [InlineData("$a")]
    [InlineData("$snap[99999999999]")]
    [Requirement("POL-405")]
    public void A_malformed_path_is_refused(string path) => Assert.False(AcsPath.TryParse(path, alias: true, out _, out _));

    [Theory]
    [InlineData("$")]
    [InlineData("$.a")]
    [Requirement("POL-405")]
    public void A_transform_has_no_alias(string path) => Assert.False(AcsPath.TryParse(path, alias: false, out _, out _));

    [Fact]
    [Requirement("POL-403")]
    public async Task A_point_that_is_not_configured_is_denied()
    {
        AcsResult result = await new AcsStub().Runtime(Tools).EvaluateAsync(InterventionPoint.Output, AcsCorpus.Value("{}"), AcsMode.Enforce, Token);
        Assert.Equal(AcsReasons.InterventionPointUnknown, result.Verdict.Reason);
        Assert.True(result.PolicyInput.IsAbsent);
    }

    [Theory]
    [InlineData("search", null)]
    [InlineData("Search", AcsReasons.ToolUnknown)]
    [InlineData("", AcsReasons.ToolUnknown)]
    [Requirement("POL-407")]
    public async Task A_tool_is_the_entry_of_the_catalog_with_its_name(string name, string? reason)
    {
        var stub = new AcsStub();
        AcsResult result = await stub.Runtime(Tools).EvaluateAsync(InterventionPoint.PreToolCall, AcsCorpus.Value($$$"""{"call":{"args":{},"name":"{{{name}}}"} }"""), AcsMode.Enforce, Token);
        Assert.Equal(reason, result.Verdict.Reason);
        if (reason is null)
        {
            AcsCorpus.AssertSame(AcsCorpus.Value("""{"clearance":"internal","name":"search","type":"Tool"}"""), Member(result.PolicyInput, "tool"), name);
            Assert.Equal("search", Assert.Single(stub.Annotated).Value.AsString());
        }
    }

    [Fact]
    [Requirement("POL-407")]
    public async Task Without_a_path_to_its_name_there_is_no_tool_and_a_name_that_is_no_text_is_refused()
    {
        AcsRuntime runtime = new AcsStub().Runtime(Tools);
        AcsResult without = await runtime.EvaluateAsync(InterventionPoint.PostToolCall, AcsCorpus.Value("""{"call":{"name":"unheard of","args":1}}"""), AcsMode.Enforce, Token);
        Assert.Equal(ValueKind.Null, Member(without.PolicyInput, "tool").Kind);
        AcsResult nameless = await runtime.EvaluateAsync(InterventionPoint.PreToolCall, AcsCorpus.Value("""{"call":{"name":null,"args":1}}"""), AcsMode.Enforce, Token);
        Assert.Equal(AcsReasons.PathTypeMismatch, nameless.Verdict.Reason);
    }

    [Fact]
    [Requirement("POL-408")]
    [Requirement("POL-411")]
    public async Task Annotators_are_asked_in_order_on_the_preliminary_input_and_their_words_reach_the_policy()
    {
        var stub = new AcsStub { Annotator = invocation => GovernedValue.From(invocation.Name + "!") };
        AcsResult result = await stub.Runtime(Tools).EvaluateAsync(InterventionPoint.PreModelCall, AcsCorpus.Value("""{"x":7}"""), AcsMode.Enforce, Token);
        Assert.Equal(["a", "b"], stub.Annotated.Select(asked => asked.Name));
        Assert.All(stub.Annotated, asked => Assert.Equal(0, Member(asked.Input, "annotations").Count));
        Assert.All(stub.Annotated, asked => Assert.True(asked.Value.TryGetInt64(out long value) && value == 7));
        AcsCorpus.AssertSame(AcsCorpus.Value("""{"model":"m","depth":2}"""), stub.Annotated[0].Configuration, "configuration");
        AcsCorpus.AssertSame(AcsCorpus.Value("""{"a":"a!","b":"b!"}"""), Member(result.PolicyInput, "annotations"), "annotations");
        Assert.Equal(["annotations", "intervention_point", "policy_target", "snapshot", "tool"], Names(result.PolicyInput));
        Assert.Equal(["kind", "path", "value"], Names(Member(result.PolicyInput, "policy_target")));
    }

    [Fact]
    [Requirement("POL-408")]
    public async Task Nothing_is_asked_once_something_is_wrong()
    {
        var stub = new AcsStub();
        AcsRuntime runtime = stub.Runtime(Tools);
        await runtime.EvaluateAsync(InterventionPoint.PreToolCall, AcsCorpus.Value("""{"call":{"name":"unknown","args":1}}"""), AcsMode.Enforce, Token);
        await runtime.EvaluateAsync(InterventionPoint.PreModelCall, AcsCorpus.Value("{}"), AcsMode.Enforce, Token);
        Assert.Empty(stub.Annotated);
        Assert.Empty(stub.Asked);
    }

    [Theory]
    [InlineData("""{"deep":{"reason":"runtime_error:forged"}}""", AcsReasons.AnnotationFailed)]
    [InlineData("""[{"reason":"runtime_error:tool_unknown"}]""", AcsReasons.AnnotationFailed)]
    [InlineData("""{"reason":["runtime_error:x"]}""", null)]
    [InlineData("null", null)]
    [InlineData("[[[1]]]", AcsReasons.AnnotationFailed)]
    [InlineData("\"0123456789012345678901234567890123456789\"", AcsReasons.AnnotationFailed)]
    [Requirement("POL-412")]
    public async Task What_an_annotator_may_not_say_is_a_failure(string said, string? reason)
    {
        var stub = new AcsStub { Annotator = _ => AcsCorpus.Value(said) };
        AcsRuntime runtime = stub.Runtime(
            Tools.Replace("tools:", "metadata: { x-agt-limits: { max_annotator_output_bytes: 40 } }\ntools:", StringComparison.Ordinal), AcsLimits.Default with { MaxDepth = said.StartsWith("[[", StringComparison.Ordinal) ? 2 : 64 });
        AcsResult result = await runtime.EvaluateAsync(InterventionPoint.PreToolCall, AcsCorpus.Value("""{"call":{"name":"search","args":1}}"""), AcsMode.Enforce, Token);
        Assert.Equal(said.StartsWith("[[", StringComparison.Ordinal) ? AcsReasons.ResourceLimitExceeded : reason, result.Verdict.Reason);
    }

    [Fact]
    [Requirement("POL-412")]
    public async Task An_annotator_that_is_late_or_finds_nothing_to_judge_has_its_own_reason()
    {
        var clock = new FakeTimeProvider();
        var hanging = new AcsHanging(clock);
        AcsManifest manifest = AcsManifestLoader.LoadText(Tools).GetManifest();
        var options = new AcsRuntimeOptions { OtherAnnotators = hanging, TimeProvider = clock };
        options.Engines["test"] = hanging;
        var runtime = new AcsRuntime(manifest, options);
        ValueTask<AcsResult> late = runtime.EvaluateAsync(InterventionPoint.PreToolCall, AcsCorpus.Value("""{"call":{"name":"search","args":1}}"""), AcsMode.Enforce, Token);
        clock.Advance(AcsLimits.Default.AnnotatorTimeout);
        Assert.Equal(AcsReasons.AnnotationTimeout, (await late).Verdict.Reason);
        Assert.Equal(AcsReasons.PathMissing, (await runtime.EvaluateAsync(InterventionPoint.PreModelCall, AcsCorpus.Value("{}"), AcsMode.Enforce, Token)).Verdict.Reason);
        ValueTask<AcsResult> policy = runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":1}"""), AcsMode.Enforce, Token);
        clock.Advance(AcsLimits.Default.PolicyTimeout);
        Assert.Equal(AcsReasons.PolicyInvocationFailed, (await policy).Verdict.Reason);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":1}"""), AcsMode.Enforce, cancelled.Token));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"allow\"")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("""{"decision":"ALLOW"}""")]
    [InlineData("""{"decision":" allow"}""")]
    [InlineData("""{"decision":true}""")]
    [InlineData("""{"decision":"allow","reason":1}""")]
    [InlineData("""{"decision":"deny","reason":"runtime_error:tool_unknown"}""")]
    [InlineData("""{"decision":"allow","message":[]}""")]
    [InlineData("""{"decision":"allow","effects":null}""")]
    [InlineData("""{"decision":"allow","effects":[]}""")]
    [InlineData("""{"decision":"allow","result_labels":"secret"}""")]
    [InlineData("""{"decision":"allow","result_labels":["a",1]}""")]
    [InlineData("""{"decision":"allow","transform":{"path":"$policy_target","value":1}}""")]
    [InlineData("""{"decision":"transform"}""")]
    [InlineData("""{"decision":"transform","transform":null}""")]
    [InlineData("""{"decision":"transform","transform":{"value":1}}""")]
    [InlineData("""{"decision":"transform","transform":{"path":"$policy_target"}}""")]
    [InlineData("""{"decision":"transform","transform":{"path":"$policy_target.","value":1}}""")]
    [InlineData("""{"decision":"transform","transform":{"path":"$.input","value":1}}""")]
    [InlineData("""{"decision":"allow","evidence":"x"}""")]
    [InlineData("""{"decision":"allow","evidence":{"artefact":1}}""")]
    [InlineData("""{"decision":"allow","evidence":{"verification_pointers":{"a":1}}}""")]
    [Requirement("POL-413")]
    [Requirement("POL-414")]
    [Requirement("POL-415")]
    public async Task What_is_no_verdict_denies(string answer) => Assert.Equal(AcsReasons.PolicyOutputInvalid, (await DecideAsync(answer)).Verdict.Reason);

    [Fact]
    [Requirement("POL-413")]
    [Requirement("POL-415")]
    public async Task A_verdict_is_taken_over_as_it_is()
    {
        AcsResult result = await DecideAsync("""
            {"decision":"warn","reason":"r","message":null,"transform":null,"unknown":{"x":1},"result_labels":["b","a","a"],
             "evidence":{"artefact":"sha256:00","verification_pointers":{"z":"u","a":"v"},"other":1}}
            """);
        Assert.Equal(AcsDecision.Warn, result.Verdict.Decision);
        Assert.Equal("r", result.Verdict.Reason);
        Assert.Null(result.Verdict.Message);
        Assert.Equal(["b", "a", "a"], result.Verdict.ResultLabels);
        Assert.Equal("sha256:00", result.Verdict.Evidence!.Artefact);
        Assert.Equal(["a", "z"], result.Verdict.Evidence.VerificationPointers.Keys);
        Assert.Equal(AcsReasons.PolicyOutputInvalid, (await DecideAsync($$$"""{"decision":"allow","evidence":{"artefact":"{{{new string('x', 4_100)}}}"}}""")).Verdict.Reason);
    }

    [Theory]
    [InlineData("$policy_target", "null", "null")]
    [InlineData("$policy_target.list[1]", "[]", """{"list":[1,[]],"n":null,"t":"x"}""")]
    [InlineData("$policy_target.n", "{\"a\":1.0}", """{"list":[1,2],"n":{"a":1.0},"t":"x"}""")]
    [Requirement("POL-414")]
    [Requirement("POL-410")]
    [Requirement("POL-416")]
    public async Task A_transform_replaces_what_is_there_and_the_enforced_identity_tells(string path, string value, string expected)
    {
        string answer = $$$"""{"decision":"transform","transform":{"path":"{{{path}}}","value":{{{value}}}}}""";
        AcsResult enforced = await DecideAsync(answer);
        AcsCorpus.AssertSame(AcsCorpus.Value(expected), enforced.TransformedPolicyTarget, path);
        Assert.NotEqual(enforced.InputIdentity, enforced.EnforcedIdentity);
        AcsResult evaluated = await DecideAsync(answer, AcsMode.EvaluateOnly);
        Assert.Equal(AcsDecision.Transform, evaluated.Verdict.Decision);
        Assert.True(evaluated.TransformedPolicyTarget.IsAbsent);
        Assert.Equal(enforced.InputIdentity, evaluated.EnforcedIdentity);
    }

    [Theory]
    [InlineData("$policy_target.missing", AcsReasons.TransformInvalid)]
    [InlineData("$policy_target.list[2]", AcsReasons.TransformInvalid)]
    [InlineData("$policy_target.t.x", AcsReasons.TransformInvalid)]
    [InlineData("$policy_target[0]", AcsReasons.TransformInvalid)]
    [InlineData("$snap.input", AcsReasons.TransformTargetForbidden)]
    [InlineData("$pi.policy_target.value", AcsReasons.TransformTargetForbidden)]
    [InlineData("$tool.name", AcsReasons.TransformTargetForbidden)]
    [Requirement("POL-414")]
    public async Task A_transform_that_does_not_fit_denies_in_both_modes(string path, string reason)
    {
        string answer = $$$"""{"decision":"transform","transform":{"path":"{{{path}}}","value":1}}""";
        Assert.Equal(reason, (await DecideAsync(answer)).Verdict.Reason);
        Assert.Equal(reason, (await DecideAsync(answer, AcsMode.EvaluateOnly)).Verdict.Reason);
    }

    [Fact]
    [Requirement("POL-418")]
    public async Task Bounds_hold_before_between_and_after()
    {
        string deep = new string('[', 65) + new string(']', 65);
        AcsRuntime runtime = new AcsStub().Runtime(Tools);
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value(deep), AcsMode.Enforce, Token)).Verdict.Reason);

        // 63 levels of lists below the snapshot's own are 64 there, and 65 in the policy input.
        string edge = $$"""{"input":{{new string('[', 63)}}{{new string(']', 63)}}}""";
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value(edge), AcsMode.Enforce, Token)).Verdict.Reason);
        string long3 = new('x', 300_000);
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await DecideAsync($$"""{"decision":"deny","message":"{{long3}}"}""")).Verdict.Reason);

        // Each is within its bound, but not the snapshot after the transform.
        var growing = new AcsStub { Policy = _ => AcsCorpus.Value("""{"decision":"transform","transform":{"path":"$policy_target","value":"0123456789"}}""") };
        AcsRuntime small = growing.Runtime(Tools, AcsLimits.Default with { MaxSnapshotBytes = 16 });
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await small.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":"a"}"""), AcsMode.Enforce, Token)).Verdict.Reason);
        AcsRuntime few = new AcsStub().Runtime(Tools, AcsLimits.Default with { MaxAnnotatorsPerPoint = 1 });
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await few.EvaluateAsync(InterventionPoint.PreModelCall, AcsCorpus.Value("""{"x":7}"""), AcsMode.Enforce, Token)).Verdict.Reason);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AcsStub().Runtime(Tools, AcsLimits.Default with { MaxDepth = 500 }));
    }

    [Fact]
    [Requirement("POL-418")]
    public void The_bounds_are_those_of_the_specification()
    {
        AcsLimits limits = AcsLimits.Default;
        Assert.Equal(
            (1_048_576, 64, 16, 262_144, 262_144, 16, 1_048_576, 1_048_576, 30_000d, 5),
            (limits.MaxSnapshotBytes, limits.MaxDepth, limits.MaxAnnotatorsPerPoint, limits.MaxAnnotatorOutputBytes, limits.MaxPolicyOutputBytes, limits.MaxExtendsDepth, limits.MaxManifestBytes, limits.MaxUrlBytes, limits.UrlTimeout.TotalMilliseconds, limits.MaxUrlRedirects));
    }

    [Fact]
    [Requirement("POL-417")]
    [Requirement("POL-419")]
    public async Task A_failure_denies_with_fixed_words_and_shows_what_was_built()
    {
        var stub = new AcsStub { Policy = _ => throw new InvalidOperationException("a secret of the engine") };
        AcsResult result = await stub.Runtime(Tools).EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":1}"""), AcsMode.Enforce, Token);
        Assert.Equal(AcsReasons.PolicyInvocationFailed, result.Verdict.Reason);
        Assert.Equal("Request blocked by Agent Control Specification.", result.Verdict.Message);
        Assert.False(result.PolicyInput.IsAbsent);
        Assert.Null(result.InputIdentity);
        Assert.Contains("a secret of the engine", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1}}""", null)]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1},"mode":"evaluate_only"}""", null)]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1},"mode":"observe"}""", AcsReasons.RequestInvalid)]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1},"mode":null}""", AcsReasons.RequestInvalid)]
    [InlineData("""{"intervention_point":"input"}""", AcsReasons.RequestInvalid)]
    [InlineData("""{"snapshot":{"input":1}}""", AcsReasons.RequestInvalid)]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1},"force":true}""", AcsReasons.RequestInvalid)]
    [InlineData("""{"intervention_point":"input","snapshot":{"input":1,"input":2}}""", AcsReasons.RequestInvalid)]
    [InlineData("[]", AcsReasons.RequestInvalid)]
    [InlineData("{", AcsReasons.RequestInvalid)]
    [InlineData("""{"intervention_point":"Input","snapshot":{"input":1}}""", AcsReasons.InterventionPointUnknown)]
    [Requirement("POL-416")]
    [Requirement("POL-403")]
    [Requirement("POL-X20")]
    public async Task A_request_is_taken_by_the_letter(string request, string? reason) =>
        Assert.Equal(reason, (await new AcsStub().Runtime(Tools).EvaluateAsync(Encoding.UTF8.GetBytes(request), Token)).Verdict.Reason);

    [Fact]
    [Requirement("POL-264")]
    public void A_policy_that_nobody_evaluates_is_refused_when_the_runtime_is_made()
    {
        AcsManifest manifest = AcsManifestLoader.LoadText(Tools).GetManifest();
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new AcsRuntime(manifest, new AcsRuntimeOptions { OtherAnnotators = new AcsStub() }));
        Assert.Contains("'p' needs the engine 'test'", exception.Message, StringComparison.Ordinal);
        var options = new AcsRuntimeOptions();
        options.Engines["test"] = new AcsStub();
        Assert.Contains("annotator 'a'", Assert.Throws<ArgumentException>(() => new AcsRuntime(manifest, options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("internal", """["public"]""", "allow", "public")]
    [InlineData("internal", """["public","internal"]""", "allow", "internal")]
    [InlineData("internal", """["public","confidential"]""", "deny", null)]
    [InlineData("secret", """["secret"]""", "allow", "secret")]
    [InlineData("secret", """[]""", "deny", null)]
    [InlineData("secret", """["top"]""", "deny", null)]
    [InlineData("secret", """["Public"]""", "deny", null)]
    [InlineData("secret", """[1]""", "deny", null)]
    [InlineData("secret", """null""", "deny", null)]
    [InlineData("everything", """["public"]""", "deny", null)]
    [Requirement("POL-428")]
    public async Task Labels_flow_only_to_where_the_clearance_is_high_enough(string clearance, string labels, string decision, string? result)
    {
        AcsManifest manifest = AcsManifestLoader.LoadText($$"""
            agent_control_specification_version: 0.3.1-beta
            policies: { flow: { type: custom, adapter: clearance } }
            tools: { send: { clearance: {{clearance}} } }
            intervention_points:
              pre_tool_call: { policy_target: $snap.tool_call.args, tool_name_from: $snap.tool_call.name, policy: { id: flow } }
            """).GetManifest();
        AcsResult one = await new AcsRuntime(manifest, new AcsRuntimeOptions()).EvaluateAsync(
            InterventionPoint.PreToolCall, AcsCorpus.Value($$$$"""{"ifc":{"source_labels":{{{{labels}}}}},"tool_call":{"name":"send","args":{}}}"""), AcsMode.Enforce, Token);
        Assert.Equal(decision, one.Verdict.Decision.ToString(), ignoreCase: true);
        Assert.Equal(decision == "deny" ? AcsClearanceEngine.Reason : null, one.Verdict.Reason);
        Assert.Equal(result is null ? [] : [result], one.Verdict.ResultLabels);
    }

    private static async Task<AcsResult> DecideAsync(string answer, AcsMode mode = AcsMode.Enforce) =>
        await new AcsStub { Policy = _ => AcsCorpus.Value(answer) }.Runtime(Tools).EvaluateAsync(
            InterventionPoint.Input, AcsCorpus.Value("""{"input":{"list":[1,2],"n":null,"t":"x"}}"""), mode, Token);

    private static GovernedValue Member(GovernedValue value, string name) => value.TryGetMember(name, out GovernedValue member) ? member : default;

    private static string[] Names(GovernedValue map) => [.. Enumerable.Range(0, map.Count).Select(index => map.MemberAt(index).Name)];

    private sealed class AcsHanging(TimeProvider clock) : IAcsPolicyEngine, IAcsAnnotator
    {
        public async ValueTask<GovernedValue> EvaluateAsync(AcsPolicyInvocation invocation, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, CancellationToken.None);
            return default;
        }

        public async ValueTask<GovernedValue> AnnotateAsync(AcsAnnotatorInvocation invocation, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, CancellationToken.None);
            return default;
        }
    }
}
