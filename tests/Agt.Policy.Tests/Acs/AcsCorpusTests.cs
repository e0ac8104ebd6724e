using System.Text;
using System.Text.Json;
using Agt.Policy.Acs;
using Agt.Values;

namespace Agt.Policy.Tests.Acs;

/// <summary>The shared conformance data of the Agent Control Specification: one case is one unit of it.</summary>
[Trait("Corpus", "acs")]
public sealed class AcsCorpusTests
{
    private const string FailClosed = "fail_closed_error_parity.json";
    private const string Streams = "streaming/manifest.json";

    public static TheoryData<string> Cases => AcsCorpus.Files("cases");

    public static TheoryData<string> Fixtures => AcsCorpus.Files("fixture-cases");

    public static TheoryData<string> FailClosedCases => AcsCorpus.Ids(FailClosed, "cases", "id");

    public static TheoryData<string> Assembled => AcsCorpus.Ids(Streams, "assemble", "name");

    public static TheoryData<string> Synthesized => AcsCorpus.Ids(Streams, "synthesize", "name");

    public static TheoryData<string> Tables => AcsCorpus.Files("parity");

    public static TheoryData<string> Trees => AcsCorpus.Files("extends", "*.yaml");

    public static TheoryData<string> Manifests => AcsCorpus.Files("manifests", "*.yaml");

    public static TheoryData<string> Inputs => AcsCorpus.Files("policy-inputs");

    public static TheoryData<string> Agents => AcsCorpus.Files("bank-agent/policy_input");

    [Theory]
    [MemberData(nameof(Cases))]
    [Requirement("POL-432")]
    [Requirement("POL-X21")]
    public async Task A_case_comes_out_as_it_should(string file)
    {
        JsonElement unit = AcsCorpus.Json(file);
        JsonElement expected = unit.GetProperty("expected");
        AcsStub stub = StubFor(unit);
        AcsResult result;
        if (unit.Text("operation") == "build")
        {
            AcsLoadResult loaded = AcsManifestLoader.LoadText(unit.Text("manifest_yaml")!, file, new AcsLoadOptions { Limits = AcsCorpus.Limits(unit) });
            Assert.Null(loaded.Manifest);
            Assert.Equal(expected.Text("reason"), loaded.Reason);
            return;
        }

        AcsRuntime runtime = stub.Runtime(unit.Text("manifest_yaml")!, AcsCorpus.Limits(unit));
        GovernedValue snapshot = AcsCorpus.Value(unit.GetProperty("snapshot"));
        result = await runtime.EvaluateAsync(Point(unit), snapshot, Mode(unit), TestContext.Current.CancellationToken);
        if (unit.Text("operation") == "approval_action_mismatch")
        {
            Assert.Equal(AcsDecision.Escalate, result.Verdict.Decision);
            result = await runtime.ResolveAsync(result, () => AcsCorpus.Value("""{"input":"something else"}"""), new Approving(), TestContext.Current.CancellationToken);
        }

        Check(expected, result, stub);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    [Requirement("POL-432")]
    public async Task A_fixture_comes_out_as_it_should(string file)
    {
        JsonElement unit = AcsCorpus.Json(file);
        string text = unit.Text("manifest_yaml")!;
        AcsLoadResult loaded = AcsManifestLoader.LoadText(text, file);
        if (unit.TryGetProperty("expect_valid", out JsonElement valid))
        {
            Assert.True(valid.GetBoolean() == (loaded.Manifest is not null), string.Join('\n', loaded.Diagnostics));
            Assert.Equal(unit.Text("expected_error_reason"), loaded.Reason);
        }

        if (unit.TryGetProperty("expected_intervention_point_names", out JsonElement names))
        {
            Assert.Equal(names.EnumerateArray().Select(name => name.GetString()), loaded.GetManifest().Points.Keys.Order().Select(point => point.WireName()));
        }

        if (!unit.TryGetProperty("evaluations", out JsonElement evaluations))
        {
            return;
        }

        foreach (JsonElement evaluation in evaluations.EnumerateArray())
        {
            await CheckEvaluationAsync(unit, loaded.GetManifest(), evaluation);
        }
    }

    [Theory]
    [MemberData(nameof(FailClosedCases))]
    [Requirement("POL-432")]
    [Requirement("POL-417")]
    public async Task What_goes_wrong_is_a_denial_with_its_reason(string id)
    {
        JsonElement unit = AcsCorpus.Unit(FailClosed, "cases", "id", id);
        AcsLoadResult loaded = AcsManifestLoader.LoadText(unit.Text("manifest_yaml")!, id);
        if (unit.Text("operation") == "build")
        {
            Assert.Null(loaded.Manifest);
            Assert.Equal(unit.Text("expected_reason"), loaded.Reason);
            return;
        }

        AcsResult result = await StubFor(unit).Runtime(loaded.GetManifest(), AcsCorpus.Limits(unit)).EvaluateAsync(
            Point(unit), AcsCorpus.Value(unit.GetProperty("snapshot")), Mode(unit), TestContext.Current.CancellationToken);
        Assert.Equal(AcsDecision.Deny, result.Verdict.Decision);
        Assert.Equal(unit.Text("expected_reason"), result.Verdict.Reason);
        Assert.Equal(AcsVerdict.BlockedMessage, result.Verdict.Message);
        Assert.Null(result.InputIdentity);
        Assert.Null(result.EnforcedIdentity);
        Assert.True(result.TransformedPolicyTarget.IsAbsent);
    }

    [Theory]
    [MemberData(nameof(Assembled))]
    [Requirement("POL-431")]
    [Requirement("POL-432")]
    public void A_stream_is_put_together_or_fails_closed(string name)
    {
        JsonElement unit = AcsCorpus.Unit(Streams, "assemble", "name", name);
        byte[] bytes = File.ReadAllBytes(Path.Combine(AcsCorpus.Folder, "streaming", unit.Text("input")!));
        AcsHeldCompletion held = AcsHeldCompletion.Read(bytes);
        if (unit.Text("outcome") == "ok")
        {
            Assert.Null(held.Error);
            AcsCorpus.AssertSame(AcsCorpus.Value(unit.GetProperty("assembled")), held.Response, name);
            Assert.Equal(bytes, held.Emit(new AcsResult(InterventionPoint.PostModelCall, AcsMode.Enforce, new AcsVerdict(AcsDecision.Allow))).ToArray());
        }
        else
        {
            Assert.NotNull(held.Error);
            Assert.True(held.Response.IsAbsent);
            Assert.Throws<InvalidOperationException>(() => held.Emit(new AcsResult(InterventionPoint.PostModelCall, AcsMode.Enforce, new AcsVerdict(AcsDecision.Allow))));
        }
    }

    [Theory]
    [MemberData(nameof(Synthesized))]
    [Requirement("POL-431")]
    [Requirement("POL-432")]
    public void A_transformed_completion_becomes_one_event_byte_for_byte(string name)
    {
        JsonElement unit = AcsCorpus.Unit(Streams, "synthesize", "name", name);
        byte[] written = AcsHeldCompletion.Synthesize(AcsCorpus.Value(unit.GetProperty("response")), AcsCorpus.Value(unit.GetProperty("template")));
        Assert.Equal(File.ReadAllText(Path.Combine(AcsCorpus.Folder, "streaming", unit.Text("expected_output")!)), Encoding.UTF8.GetString(written));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    [Requirement("POL-425")]
    [Requirement("POL-432")]
    public void A_table_holds(string file)
    {
        JsonElement table = AcsCorpus.Json(file);
        switch (Path.GetFileName(file))
        {
            case "error_mapping_canonical.json":
                Assert.All(table.GetProperty("runtime_errors").EnumerateArray(), error => Assert.Contains(error.Text("reason")!, AcsReasons.All));
                break;
            case "verdict_dispatch_canonical.json":
                Assert.All(table.GetProperty("rows").EnumerateArray(), CheckVerdict);
                break;
            case "telemetry_redaction_canonical.json":
                Assert.All(table.GetProperty("events").EnumerateArray(), AcsTelemetryTests.CheckKeys);
                Assert.All(table.GetProperty("sdk_enforcement_boundary_events").EnumerateArray(), one => Assert.Contains(one.Text("reserved_reason")!, AcsReasons.All));
                break;
            case "artifact-validation-cases.json":
                Assert.All(table.GetProperty("cases").EnumerateArray(), CheckArtifact);
                break;
            case "resource_limits_canonical.json":
                CheckLimits(table);
                break;
            default:
                Assert.Fail("There is no test for this table: " + file);
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Trees))]
    [Requirement("POL-420")]
    [Requirement("POL-432")]
    public async Task A_tree_of_manifests_is_composed_or_refused(string file)
    {
        AcsLoadResult loaded = await AcsManifestLoader.LoadAsync(Path.Combine(AcsCorpus.Folder, file), cancellationToken: TestContext.Current.CancellationToken);
        string name = Path.GetFileName(file);
        bool sound = !file.Contains("/missing/", StringComparison.Ordinal) && !file.Contains("/cycle", StringComparison.Ordinal)
            && (name is "child.yaml" or "inside.yaml" || (name is "base.yaml" or "outside.yaml" && !file.Contains("/nested/", StringComparison.Ordinal)));
        Assert.True(sound == (loaded.Manifest is not null), string.Join('\n', loaded.Diagnostics));
        Assert.Equal(sound ? null : AcsReasons.ManifestInvalid, loaded.Reason);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    [Requirement("POL-401")]
    [Requirement("POL-432")]
    public void A_golden_manifest_is_sound(string file) =>
        Assert.DoesNotContain(AcsManifestLoader.Validate(File.ReadAllText(Path.Combine(AcsCorpus.Folder, file)), file), finding => finding.Severity == DiagnosticSeverity.Error);

    [Theory]
    [MemberData(nameof(Inputs))]
    [Requirement("POL-409")]
    [Requirement("POL-432")]
    public Task A_golden_policy_input_is_what_the_policy_gets(string file)
    {
        string manifest = File.ReadAllText(Path.Combine(AcsCorpus.Folder, "manifests", "canonical-all-interventions.yaml")).Replace("extends:\n  - ./base-controls.yaml\n", string.Empty, StringComparison.Ordinal);
        return CheckInputAsync(manifest, AcsCorpus.Json(file), file);
    }

    /// <summary>The agent's policy is Rego, so that its own answers wait for the engine of that language; what it is given, and the identities, do not.</summary>
    [Theory]
    [MemberData(nameof(Agents))]
    [Requirement("POL-410")]
    [Requirement("POL-X19")]
    public async Task The_bank_agent_gives_its_policy_the_golden_input_and_has_the_golden_identity(string file)
    {
        AcsResult result = await CheckInputAsync(File.ReadAllText(Path.Combine(AcsCorpus.Folder, "bank-agent", "manifest.yaml")), AcsCorpus.Json(file), file);
        string point = result.Point.WireName();
        if (!AcsCorpus.Json("bank-agent/expected.json").TryGetProperty(point, out JsonElement expected) || expected.Text("input_identity") is not { } identity)
        {
            Assert.Equal("agent_startup", point);
            return;
        }

        Assert.Equal(identity, result.InputIdentity);
        await CheckEnforcedIdentityAsync(file, expected);
    }

    private static async Task CheckEnforcedIdentityAsync(string file, JsonElement expected)
    {
        JsonElement golden = AcsCorpus.Json(file);
        string answer = $$"""{"decision":"{{expected.Text("decision")}}","transform":{{expected.GetProperty("transform").GetRawText()}}}""";
        var stub = new AcsStub
        {
            Policy = _ => AcsCorpus.Value(answer),
            Annotator = invocation => AcsCorpus.Value(golden.GetProperty("annotations").GetProperty(invocation.Name)),
        };
        AcsRuntime runtime = stub.Runtime(File.ReadAllText(Path.Combine(AcsCorpus.Folder, "bank-agent", "manifest.yaml")));
        AcsResult result = await runtime.EvaluateAsync(Point(golden), AcsCorpus.Value(golden.GetProperty("snapshot")), AcsMode.Enforce, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Text("enforced_identity"), result.EnforcedIdentity);
        JsonElement transformed = expected.GetProperty("transformed_policy_target");
        AcsCorpus.AssertSame(transformed.ValueKind == JsonValueKind.Null ? default : AcsCorpus.Value(transformed), result.TransformedPolicyTarget, file);
    }

    private static async Task<AcsResult> CheckInputAsync(string manifest, JsonElement golden, string file)
    {
        var stub = new AcsStub { Annotator = invocation => AcsCorpus.Value(golden.GetProperty("annotations").GetProperty(invocation.Name)) };
        AcsResult result = await stub.Runtime(manifest).EvaluateAsync(Point(golden), AcsCorpus.Value(golden.GetProperty("snapshot")), AcsMode.Enforce, TestContext.Current.CancellationToken);
        Assert.Equal(AcsDecision.Allow, result.Verdict.Decision);
        AcsCorpus.AssertSame(AcsCorpus.Value(golden), Assert.Single(stub.Asked).Input, file);
        Assert.Equal(AcsCanonicalJson.ToString(AcsCorpus.Value(golden)), Encoding.UTF8.GetString(stub.Asked[0].CanonicalInput.Span));
        return result;
    }

    private static AcsStub StubFor(JsonElement unit) => new()
    {
        Policy = _ => unit.Text("policy_behavior") == "error" ? throw new InvalidOperationException("The policy is out of order.") : AcsCorpus.Value(unit.GetProperty("policy_response")),
        Annotator = invocation => unit.Text("annotator_behavior") switch
        {
            "error" => throw new InvalidOperationException("The annotator is out of order."),
            "timeout" => throw new TimeoutException(),
            _ => unit.TryGetProperty("annotator_outputs", out JsonElement outputs) && outputs.TryGetProperty(invocation.Name, out JsonElement output)
                ? AcsCorpus.Value(output)
                : AcsCorpus.Value("""{"ok":true}"""),
        },
    };

    private static InterventionPoint Point(JsonElement unit) =>
        AcsPoints.TryParse(unit.Text("intervention_point")!, out InterventionPoint point) ? point : throw new InvalidOperationException("unknown point");

    private static AcsMode Mode(JsonElement unit) => unit.Text("mode") == "evaluate_only" ? AcsMode.EvaluateOnly : AcsMode.Enforce;

    private static void Check(JsonElement expected, AcsResult result, AcsStub stub)
    {
        foreach (JsonProperty member in expected.EnumerateObject())
        {
            switch (member.Name)
            {
                case "decision":
                    Assert.Equal(member.Value.GetString(), result.Verdict.Decision.ToString(), ignoreCase: true);
                    break;
                case "reason":
                    Assert.Equal(member.Value.GetString(), result.Verdict.Reason);
                    break;
                case "message":
                    Assert.Equal(member.Value.GetString(), result.Verdict.Message);
                    break;
                case "transformed_policy_target":
                    AcsCorpus.AssertSame(member.Value.ValueKind == JsonValueKind.Null ? default : AcsCorpus.Value(member.Value), result.TransformedPolicyTarget, member.Name);
                    break;
                case "policy_target":
                    AcsCorpus.AssertSame(AcsCorpus.Value(member.Value), At(result.PolicyInput, "policy_target", "value"), member.Name);
                    break;
                case "tool_name":
                    Assert.Equal(member.Value.GetString(), At(result.PolicyInput, "tool", "name").AsString());
                    break;
                case "annotations":
                    AcsCorpus.AssertSame(AcsCorpus.Value(member.Value), At(result.PolicyInput, "annotations"), member.Name);
                    break;
                case "annotator_order":
                    Assert.Equal(member.Value.EnumerateArray().Select(name => name.GetString()), stub.Annotated.Select(asked => asked.Name));
                    break;
                case "action_identity":
                    Assert.Equal(member.Value.GetString() == "present", result.EnforcedIdentity is not null);
                    break;
                default:
                    Assert.Fail("There is no check for the member " + member.Name);
                    break;
            }
        }
    }

    private static async Task CheckEvaluationAsync(JsonElement unit, AcsManifest manifest, JsonElement evaluation)
    {
        string name = evaluation.Text("name")!;
        var stub = new AcsStub
        {
            Policy = _ => Response(evaluation.GetProperty("policy_response")),
            Annotator = invocation => Response(unit.GetProperty("annotation_responses").GetProperty(invocation.Name)),
        };
        AcsResult result = await stub.Runtime(manifest).EvaluateAsync(Point(evaluation), AcsCorpus.Value(evaluation.GetProperty("snapshot")), Mode(evaluation), TestContext.Current.CancellationToken);
        foreach (JsonProperty member in evaluation.GetProperty("expected").EnumerateObject())
        {
            switch (member.Name)
            {
                case "policy_input":
                    AcsCorpus.AssertSame(member.Value.ValueKind == JsonValueKind.Null ? default : AcsCorpus.Value(member.Value), result.PolicyInput, name);
                    break;
                case "policy_invoked":
                    Assert.Equal(member.Value.GetBoolean(), stub.Asked.Count == 1);
                    break;
                case "transformed_policy_target":
                    AcsCorpus.AssertSame(member.Value.ValueKind == JsonValueKind.Null ? default : AcsCorpus.Value(member.Value), result.TransformedPolicyTarget, name);
                    break;
                case "annotation_calls":
                    CheckAnnotations(member.Value, stub);
                    break;
                case "policy_invocation":
                    CheckInvocation(member.Value, Assert.Single(stub.Asked));
                    break;
                case "verdict":
                    Assert.Equal(member.Value.Text("decision"), result.Verdict.Decision.ToString(), ignoreCase: true);
                    Assert.Equal(member.Value.Text("reason"), result.Verdict.Reason);
                    Assert.Equal(member.Value.Text("message"), result.Verdict.Message);
                    break;
                default:
                    Assert.Fail("There is no check for the member " + member.Name);
                    break;
            }
        }
    }

    private static void CheckAnnotations(JsonElement calls, AcsStub stub)
    {
        Assert.Equal(calls.EnumerateArray().Select(call => call.Text("annotator_name")), stub.Annotated.Select(asked => asked.Name));
        foreach ((JsonElement call, AcsAnnotatorInvocation asked) in calls.EnumerateArray().Zip(stub.Annotated))
        {
            AcsCorpus.AssertSame(AcsCorpus.Value(call.GetProperty("preliminary_policy_input")), asked.Input, asked.Name);
        }
    }

    private static void CheckInvocation(JsonElement expected, AcsPolicyInvocation asked)
    {
        foreach (JsonProperty member in expected.EnumerateObject())
        {
            switch (member.Name)
            {
                case "canonical_input":
                    Assert.Equal(member.Value.GetString(), Encoding.UTF8.GetString(asked.CanonicalInput.Span));
                    break;
                case "input":
                    AcsCorpus.AssertSame(AcsCorpus.Value(member.Value), asked.Input, "input");
                    break;
                case "type":
                    Assert.Equal(member.Value.GetString(), asked.Policy.Type);
                    break;
                case "adapter":
                    Assert.Equal(member.Value.GetString(), asked.Policy.Adapter);
                    break;
                case "query" when member.Value.ValueKind == JsonValueKind.String:
                    Assert.Equal(member.Value.GetString(), asked.Query);
                    break;
                case "adapter_config":
                    AcsCorpus.AssertSame(AcsCorpus.Value(member.Value), asked.Configuration, member.Name);
                    break;
                default:
                    AcsCorpus.AssertSame(AcsCorpus.Value(member.Value), At(asked.Policy.Definition, member.Name), member.Name);
                    break;
            }
        }
    }

    private static GovernedValue Response(JsonElement response) => response.Text("error") switch
    {
        null => AcsCorpus.Value(response.GetProperty("ok")),
        AcsReasons.AnnotationTimeout => throw new TimeoutException(),
        { } error => throw new InvalidOperationException(error),
    };

    private static void CheckVerdict(JsonElement row)
    {
        if (row.Text("expected_error_reason") is { } reason)
        {
            Assert.Equal(reason, Assert.Throws<AcsException>(() => AcsVerdictReader.Read(AcsCorpus.Value(row.GetProperty("input")))).Reason);
            return;
        }

        AcsVerdict verdict = AcsVerdictReader.Read(AcsCorpus.Value(row.GetProperty("input")));
        Assert.Equal(row.Text("normalized_decision"), verdict.Decision.ToString(), ignoreCase: true);
        Assert.Equal(row.GetProperty("permits").GetBoolean(), verdict.Permits);
    }

    /// <summary>Rego modules are read by the engine of that language; their codes are left out here.</summary>
    private static void CheckArtifact(JsonElement unit)
    {
        IEnumerable<string> expected = unit.GetProperty("codes").EnumerateArray().Select(code => code.GetString()!).Where(code => !code.StartsWith("rego_", StringComparison.Ordinal));
        IEnumerable<string> found = AcsManifestLoader.Validate(unit.Text("manifest")!).Where(finding => finding.Severity == DiagnosticSeverity.Error).Select(finding => string.CompareOrdinal(finding.Code, "AGTP300") < 0
            ? "manifest_parse_error"
            : string.CompareOrdinal(finding.Code, "AGTP320") < 0 ? "manifest_schema_error" : "manifest_semantic_error");
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static void CheckLimits(JsonElement table)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["max_snapshot_bytes"] = AcsLimits.Default.MaxSnapshotBytes, ["max_policy_input_depth"] = AcsLimits.Default.MaxDepth,
            ["max_annotators_per_point"] = AcsLimits.Default.MaxAnnotatorsPerPoint, ["max_annotator_output_bytes"] = AcsLimits.Default.MaxAnnotatorOutputBytes,
            ["max_policy_output_bytes"] = AcsLimits.Default.MaxPolicyOutputBytes, ["max_extends_depth"] = AcsLimits.Default.MaxExtendsDepth,
            ["max_merged_manifest_bytes"] = AcsLimits.Default.MaxManifestBytes, ["max_manifest_url_bytes"] = AcsLimits.Default.MaxUrlBytes,
            ["manifest_url_timeout_ms"] = (int)AcsLimits.Default.UrlTimeout.TotalMilliseconds, ["max_manifest_url_redirects"] = AcsLimits.Default.MaxUrlRedirects,
        };
        int compared = 0;
        foreach ((string name, JsonElement value) in Numbers(table))
        {
            if (known.TryGetValue(name, out int ours))
            {
                Assert.Equal(value.GetInt32(), ours);
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }

    /// <summary>Every number of the table under its name, be it a member or a row with a name.</summary>
    private static IEnumerable<(string Name, JsonElement Value)> Numbers(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().SelectMany(Numbers);
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        string? name = element.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.String).Select(member => member.Value.GetString()).FirstOrDefault(text => text?.StartsWith("max_", StringComparison.Ordinal) == true || text?.EndsWith("_ms", StringComparison.Ordinal) == true);
        return element.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.Number ? [(name ?? member.Name, member.Value)] : Numbers(member.Value));
    }

    private static GovernedValue At(GovernedValue value, params string[] names) =>
        names.Aggregate(value, static (at, name) => at.TryGetMember(name, out GovernedValue member) ? member : default);

    private sealed class Approving : IAcsApprovalResolver
    {
        public ValueTask<AcsApproval> ResolveAsync(AcsResult escalated, CancellationToken cancellationToken) => new(new AcsApproval(AcsApprovalOutcome.Allow, escalated.EnforcedIdentity));
    }
}
