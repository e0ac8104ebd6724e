using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Turns what a policy answered into a verdict, or refuses it (POL-413 to 415).</summary>
internal static class AcsVerdictReader
{
    private const int MaxEvidenceBytes = 4_096;

    internal static AcsVerdict Read(GovernedValue output)
    {
        if (output.Kind != ValueKind.Map)
        {
            throw Invalid("The policy's answer is no object.");
        }

        if (output.TryGetMember("effects", out _))
        {
            throw Invalid("The policy's answer has the member effects, which the specification no longer has: use a transform.");
        }

        AcsDecision decision = Decision(output);
        string? reason = Text(output, "reason");
        if (reason?.StartsWith(AcsReasons.Prefix, StringComparison.Ordinal) == true)
        {
            throw Invalid("The policy gives a reason that is reserved for the runtime.");
        }

        return new AcsVerdict(decision)
        {
            Reason = reason,
            Message = Text(output, "message"),
            Transform = Transform(output, decision),
            Evidence = Evidence(output),
            ResultLabels = Labels(output),
        };
    }

    private static AcsDecision Decision(GovernedValue output) => Member(output, "decision").AsString() switch
    {
        "allow" => AcsDecision.Allow,
        "deny" => AcsDecision.Deny,
        "warn" => AcsDecision.Warn,
        "escalate" => AcsDecision.Escalate,
        "transform" => AcsDecision.Transform,
        null => throw Invalid("The policy's answer has no decision."),
        _ => throw Invalid("The policy's decision is none of allow, deny, warn, escalate, transform."),
    };

    private static AcsTransform? Transform(GovernedValue output, AcsDecision decision)
    {
        GovernedValue transform = Member(output, "transform");
        if (decision != AcsDecision.Transform)
        {
            return transform.IsAbsentOrNull ? null : throw Invalid("Only the decision transform carries a transform.");
        }

        if (transform.Kind != ValueKind.Map || Member(transform, "path").AsString() is not { } text || !transform.TryGetMember("value", out GovernedValue value))
        {
            throw Invalid("The decision transform needs a transform with path and value.");
        }

        if (!AcsPath.TryParse(text, alias: false, out AcsPath? path, out string error))
        {
            throw Invalid("The path of the transform is malformed: " + error);
        }

        return path!.Root == AcsRoot.PolicyTarget
            ? new AcsTransform(text, value.Detach()) { Parsed = path }
            : throw new AcsException(AcsReasons.TransformTargetForbidden, "A transform changes nothing but $policy_target.");
    }

    private static AcsEvidence? Evidence(GovernedValue output)
    {
        GovernedValue evidence = Member(output, "evidence");
        if (evidence.IsAbsentOrNull)
        {
            return null;
        }

        if (evidence.Kind != ValueKind.Map)
        {
            throw Invalid("The evidence is no object.");
        }

        if (AcsCanonicalJson.ToUtf8(evidence).Length > MaxEvidenceBytes)
        {
            throw Invalid($"The evidence has more than {MaxEvidenceBytes} bytes.");
        }

        string? artefact = Text(evidence, "artefact");
        GovernedValue pointers = Member(evidence, "verification_pointers");
        if (!pointers.IsAbsentOrNull && pointers.Kind != ValueKind.Map)
        {
            throw Invalid("The verification_pointers are no object.");
        }

        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < pointers.Count; i++)
        {
            ValueMember pointer = pointers.MemberAt(i);
            found[pointer.Name] = pointer.Value.AsString() ?? throw Invalid("A verification pointer is no text.");
        }

        return new AcsEvidence(artefact, found);
    }

    private static string[] Labels(GovernedValue output)
    {
        GovernedValue labels = Member(output, "result_labels");
        if (labels.IsAbsentOrNull)
        {
            return [];
        }

        if (labels.Kind != ValueKind.List)
        {
            throw Invalid("The result_labels are no list.");
        }

        var found = new string[labels.Count];
        for (int i = 0; i < found.Length; i++)
        {
            found[i] = labels[i].AsString() ?? throw Invalid("A result label is no text.");
        }

        return found;
    }

    private static string? Text(GovernedValue map, string name)
    {
        GovernedValue value = Member(map, name);
        return value.IsAbsentOrNull ? null : value.AsString() ?? throw Invalid($"The member {name} is no text.");
    }

    private static GovernedValue Member(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value : default;

    private static AcsException Invalid(string detail) => new(AcsReasons.PolicyOutputInvalid, detail);
}
