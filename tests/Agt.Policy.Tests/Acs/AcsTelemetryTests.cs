using System.Text.Json;
using Agt.Policy.Acs;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsTelemetryTests
{
    private const string Manifest = """
        agent_control_specification_version: 0.3.1-beta
        policies:
          p: { type: test }
        annotators:
          a: { type: classifier }
        intervention_points:
          input: { policy_target: $snap.input, policy: { id: p }, annotations: { a: { from: $policy_target } } }
        """;

    /// <summary>The members of an event of ours, by the specification's names.</summary>
    private static readonly Dictionary<string, Func<AcsTelemetryEvent, bool>> Members = new(StringComparer.Ordinal)
    {
        ["event_type"] = static _ => true,
        ["intervention_point"] = static _ => true,
        ["decision"] = static one => one.Decision is not null,
        ["reason_code"] = static one => one.ReasonCode is not null,
        ["error_class"] = static one => one.ErrorClass is not null,
        ["policy_id"] = static one => one.PolicyId is not null,
        ["annotators"] = static one => one.Annotators.Count > 0,
        ["enforcement_mode"] = static one => one.Mode is not null,
        ["duration_ms"] = static one => one.Duration is not null,
        ["action_identity"] = static one => one.ActionIdentity is not null,
        ["metadata.policy_type"] = static one => one.PolicyType is not null,
        ["evidence_artefact"] = static one => one.EvidenceArtefact is not null,
        ["evidence_verification_pointer_keys"] = static one => one.EvidencePointerKeys.Count > 0,
    };

    [Fact]
    [Requirement("POL-429")]
    public async Task Events_say_what_happened_and_no_value()
    {
        AcsTelemetryEvent[] events = await EventsAsync();
        Assert.Equal(
            ["annotator_dispatch", "annotator_dispatch", "annotator_dispatch", "annotator_failed", "decision", "decision", "decision", "evaluation_timing", "intervention_point.transformed", "policy_evaluation", "policy_evaluation", "policy_failed"],
            events.Where(one => one.EventType != "evaluation_timing" || one.Decision == AcsDecision.Transform).Select(one => one.EventType).Order(StringComparer.Ordinal).ToArray());
        Assert.Contains(events, one => one is { EventType: "decision", Decision: AcsDecision.Transform, ReasonCode: "policy_reason" });
        Assert.Contains(events, one => one is { EventType: "intervention_point.transformed", EvidenceArtefact: "sha256:00" } && one.EvidencePointerKeys is ["registry"]);
        Assert.Contains(events, one => one is { EventType: "policy_failed", ReasonCode: AcsReasons.PolicyInvocationFailed, ErrorClass: "policy_invocation_failed", PolicyType: "test" });
        Assert.All(events, one => Assert.DoesNotContain("secret", one + string.Join(',', one.Annotators.Concat(one.EvidencePointerKeys)), StringComparison.Ordinal));
    }

    [Fact]
    [Requirement("POL-429")]
    public async Task A_listener_that_throws_changes_nothing()
    {
        AcsManifest manifest = AcsManifestLoader.LoadText(Manifest).GetManifest();
        var stub = new AcsStub();
        var options = new AcsRuntimeOptions { OtherAnnotators = stub, Telemetry = static _ => throw new InvalidOperationException() };
        options.Engines["test"] = stub;
        AcsResult result = await new AcsRuntime(manifest, options).EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":1}"""), AcsMode.Enforce, TestContext.Current.CancellationToken);
        Assert.Equal(AcsDecision.Allow, result.Verdict.Decision);
    }

    /// <summary>An event of this name carries no member that the table does not name.</summary>
    internal static void CheckKeys(JsonElement table)
    {
        string name = table.Text("name")!;
        HashSet<string> allowed = [.. table.GetProperty("emitted_attribute_keys").EnumerateArray().Select(key => key.GetString()!)];
        AcsTelemetryEvent[] events = [.. EventsAsync().GetAwaiter().GetResult().Where(one => one.EventType == name)];
        Assert.NotEmpty(events);
        Assert.All(allowed, key => Assert.Contains(key, Members.Keys));
        foreach ((string key, Func<AcsTelemetryEvent, bool> has) in Members)
        {
            Assert.True(allowed.Contains(key) || !Array.Exists(events, one => has(one)), $"{name} carries {key}");
        }
    }

    private static async Task<AcsTelemetryEvent[]> EventsAsync()
    {
        const string Transform = """
            {"decision":"transform","reason":"a secret word","transform":{"path":"$policy_target","value":"secret"},
             "evidence":{"artefact":"sha256:00","verification_pointers":{"registry":"https://secret.example"}}}
            """;
        var all = new List<AcsTelemetryEvent>();
        foreach ((string? policy, string? annotation) in new[] { (Transform, "1"), (null, "1"), (Transform, null) })
        {
            var stub = new AcsStub
            {
                Policy = _ => policy is null ? throw new InvalidOperationException("secret") : AcsCorpus.Value(policy),
                Annotator = _ => annotation is null ? throw new InvalidOperationException("secret") : AcsCorpus.Value(annotation),
            };
            await stub.Runtime(Manifest).EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":"secret"}"""), AcsMode.Enforce, CancellationToken.None).ConfigureAwait(false);
            all.AddRange(stub.Events);
        }

        return [.. all];
    }
}
