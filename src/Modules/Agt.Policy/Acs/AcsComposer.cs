using System.Collections.Frozen;
using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Checks what refers to something else in a composed manifest, and makes it ready (POL-400, 402, 404, 405, 411; codes AGTP320 to 329).</summary>
internal sealed class AcsComposer(AcsFindings findings, AcsLimits limits)
{
    private static readonly string[] Versions = ["0.3.1-beta", "0.3.1-beta-agt", "0.3.0-alpha", "0.3.0-alpha-agt"];
    private static readonly string[] NotConfiguration = ["type", "adapter", "query", "id", "from"];

    /// <summary>Whether the version is one that is known.</summary>
    internal void CheckVersion(AcsDraft draft)
    {
        if (draft.Version is { } version && !Versions.Contains(version.Text))
        {
            findings.Error(
                "AGTP320", version.Source, version.Position, "/agent_control_specification_version", $"There is no version {YamlDocumentReader.Shown(version.Text)} of the specification.",
                "It is " + string.Join(", ", Versions[..^1]) + " or " + Versions[^1] + ".");
        }
    }

    internal AcsManifest? Compose(AcsDraft draft)
    {
        CheckVersion(draft);
        if (draft.Points.Count == 0)
        {
            findings.Error("AGTP321", draft.Source, default, "/intervention_points", "The manifest configures no point.", "Add intervention_points with at least one.");
        }

        Dictionary<string, AcsPolicy> policies = Policies(draft);
        var points = new Dictionary<InterventionPoint, AcsPoint>();
        foreach ((InterventionPoint point, AcsPointDraft config) in draft.Points)
        {
            if (Point(point, config, draft, policies) is { } ready)
            {
                points[point] = ready;
            }
        }

        AcsLimits bounds = Limits(draft.Metadata);
        byte[] canonical = Canonical(draft);
        if (canonical.Length > limits.MaxManifestBytes)
        {
            findings.TooLarge(draft.Source, $"The composed manifest has {canonical.Length} bytes; at most {limits.MaxManifestBytes} are taken.", "Split it, or raise AcsLimits.MaxManifestBytes.");
        }

        return findings.HasErrors ? null : new AcsManifest(draft.Source, draft.Version!.Value.Text, draft.Metadata.Value, points.ToFrozenDictionary())
        {
            Policies = policies,
            Tools = draft.Tools.ToFrozenDictionary(tool => tool.Key, tool => Named(tool.Key, tool.Value.Value), StringComparer.Ordinal),
            Approval = draft.Approval is { } approval ? Approval(approval.Value) : null,
            Limits = bounds,
            Digest = Digest.Of(canonical),
        };
    }

    private static Dictionary<string, AcsPolicy> Policies(AcsDraft draft)
    {
        var policies = new Dictionary<string, AcsPolicy>(StringComparer.Ordinal);
        foreach ((string id, AcsPlaced definition) in draft.Policies)
        {
            policies[id] = new AcsPolicy(id, Text(definition.Value, "type") ?? string.Empty, Text(definition.Value, "adapter") is { } adapter && Text(definition.Value, "type") == "custom" ? adapter : null, definition.Value);
        }

        return policies;
    }

    private AcsPoint? Point(InterventionPoint point, AcsPointDraft config, AcsDraft draft, Dictionary<string, AcsPolicy> policies)
    {
        string pointer = "/intervention_points/" + point.WireName();
        AcsPath? target = config.Target is { } written
            ? SnapshotPath(written, pointer + "/policy_target")
            : Missing(config, pointer, "policy_target", "Say what is judged, such as $snap.input.");
        AcsPath? toolName = null;
        if (config.ToolNameFrom is { } from)
        {
            if (!AcsPoints.IsTool(point))
            {
                findings.Error("AGTP322", from.Source, from.Position, pointer + "/tool_name_from", "Only pre_tool_call and post_tool_call have a tool.", "Remove it.");
            }

            toolName = SnapshotPath(from, pointer + "/tool_name_from");
        }

        if (config.Policy is not { } binding)
        {
            Missing(config, pointer, "policy", "Name the policy that decides here.");
            return null;
        }

        string id = Text(binding.Value, "id") ?? string.Empty;
        if (!policies.TryGetValue(id, out AcsPolicy? policy))
        {
            findings.Error(
                "AGTP323", binding.Source, binding.Position, pointer + "/policy/id", $"There is no policy {YamlDocumentReader.Shown(id)}.",
                Suggestion.Nearest(id, policies.Keys.ToArray()) is { } nearest ? $"Did you mean '{nearest}'?" : "Define it under policies.");
            return null;
        }

        string? query = policy.Type == "rego" ? Text(binding.Value, "query") ?? Text(policy.Definition, "query") : null;
        if (policy.Type == "rego" && query is null)
        {
            findings.Error("AGTP324", binding.Source, binding.Position, pointer + "/policy/query", "A Rego policy needs a query.", "Add query here or where the policy is defined, such as data.agent.verdict.");
        }

        AcsAnnotation[] annotations = Annotations(config, draft, pointer + "/annotations");
        return target is null || findings.HasErrors
            ? null
            : new AcsPoint(point, target, config.Kind?.Text, toolName, policy, query, Overlay(policy.Definition, binding.Value), annotations);
    }

    private AcsAnnotation[] Annotations(AcsPointDraft config, AcsDraft draft, string pointer)
    {
        var annotations = new List<AcsAnnotation>();
        foreach ((string name, AcsPlaced binding) in config.Annotations)
        {
            string at = AcsFindings.PointerTo(pointer, name);
            if (!draft.Annotators.TryGetValue(name, out AcsPlaced annotator))
            {
                findings.Error("AGTP325", binding.Source, binding.Position, at, $"There is no annotator {YamlDocumentReader.Shown(name)}.", "Declare it under annotators.");
                continue;
            }

            string from = Text(binding.Value, "from") ?? string.Empty;
            if (!AcsPath.TryParse(from, alias: true, out AcsPath? path, out string error))
            {
                findings.Error("AGTP326", binding.Source, binding.Position, at + "/from", $"The path {YamlDocumentReader.Shown(from)} is malformed. {error}", "Write one such as $policy_target.text.");
            }
            else if (path!.Root == AcsRoot.PolicyInput && path.Steps is [{ Name: "annotations" }, ..])
            {
                findings.Error("AGTP327", binding.Source, binding.Position, at + "/from", "An annotator cannot read what annotators say.", "Begin the path elsewhere.");
            }
            else
            {
                annotations.Add(new AcsAnnotation(name, Text(annotator.Value, "type")!, path, Overlay(annotator.Value, binding.Value)));
            }
        }

        return [.. annotations];
    }

    private AcsPath? SnapshotPath(AcsPlacedText written, string pointer)
    {
        if (!AcsPath.TryParse(written.Text, alias: true, out AcsPath? path, out string error))
        {
            findings.Error("AGTP326", written.Source, written.Position, pointer, $"The path {YamlDocumentReader.Shown(written.Text)} is malformed. {error}", "Write one such as $snap.input.");
            return null;
        }

        if (path!.Root != AcsRoot.Snapshot)
        {
            findings.Error("AGTP328", written.Source, written.Position, pointer, "The path does not lead into the snapshot.", "Begin it with $snap.");
            return null;
        }

        return path;
    }

    private AcsPath? Missing(AcsPointDraft config, string pointer, string name, string fix)
    {
        findings.Error("AGTP321", config.Source, config.Position, pointer, $"{name} is missing here, and in what the manifest extends.", fix);
        return null;
    }

    /// <summary>The manifest's own bounds, where they are tighter than the host's (POL-X20).</summary>
    private AcsLimits Limits(AcsPlaced metadata)
    {
        AcsLimits bounds = AcsLimits.None;
        if (!metadata.Value.TryGetMember("x-agt-limits", out GovernedValue own))
        {
            return bounds;
        }

        for (int i = 0; i < own.Count && own.Kind == ValueKind.Map; i++)
        {
            ValueMember member = own.MemberAt(i);
            if (!member.Value.TryGetInt64(out long value) || value < 1 || value > int.MaxValue || Tightened(bounds, member.Name, (int)value) is not { } tightened)
            {
                findings.Error(
                    "AGTP329", metadata.Source, metadata.Position, AcsFindings.PointerTo("/metadata/x-agt-limits", member.Name), $"{YamlDocumentReader.Shown(member.Name)} is no limit, or not a whole number from 1.",
                    "The limits are max_snapshot_bytes, max_policy_input_depth, max_annotators_per_point, max_annotator_output_bytes and max_policy_output_bytes.");
                continue;
            }

            bounds = tightened;
        }

        if (own.Kind != ValueKind.Map)
        {
            findings.Error("AGTP329", metadata.Source, metadata.Position, "/metadata/x-agt-limits", "x-agt-limits is no object.", "Write limits and their values below it.");
        }

        return bounds;
    }

    private static AcsLimits? Tightened(AcsLimits bounds, string name, int value) => name switch
    {
        "max_snapshot_bytes" => bounds with { MaxSnapshotBytes = Math.Min(bounds.MaxSnapshotBytes, value) },
        "max_policy_input_depth" => bounds with { MaxDepth = Math.Min(bounds.MaxDepth, value) },
        "max_annotators_per_point" => bounds with { MaxAnnotatorsPerPoint = Math.Min(bounds.MaxAnnotatorsPerPoint, value) },
        "max_annotator_output_bytes" => bounds with { MaxAnnotatorOutputBytes = Math.Min(bounds.MaxAnnotatorOutputBytes, value) },
        "max_policy_output_bytes" => bounds with { MaxPolicyOutputBytes = Math.Min(bounds.MaxPolicyOutputBytes, value) },
        _ => null,
    };

    private static AcsApprovalSection Approval(GovernedValue section)
    {
        var resolvers = new SortedDictionary<string, GovernedValue>(StringComparer.Ordinal);
        section.TryGetMember("resolvers", out GovernedValue declared);
        for (int i = 0; i < declared.Count; i++)
        {
            resolvers[declared.MemberAt(i).Name] = declared.MemberAt(i).Value;
        }

        return new AcsApprovalSection
        {
            DefaultResolver = Text(section, "default_resolver"),
            Timeout = Number(section, "timeout_seconds") is { } timeout ? TimeSpan.FromSeconds(timeout) : null,
            SuspendsOnTimeout = Text(section, "on_timeout") == "suspend",
            FatigueThreshold = Number(section, "fatigue_threshold"),
            FatigueWindow = Number(section, "fatigue_window_seconds") is { } window ? TimeSpan.FromSeconds(window) : null,
            Resolvers = resolvers,
        };
    }

    private static GovernedValue Named(string name, GovernedValue tool)
    {
        var members = new List<(string, GovernedValue)>();
        for (int i = 0; i < tool.Count; i++)
        {
            if (tool.MemberAt(i).Name != "name")
            {
                members.Add((tool.MemberAt(i).Name, tool.MemberAt(i).Value));
            }
        }

        members.Add(("name", GovernedValue.From(name)));
        return AcsValues.Map(members.ToArray());
    }

    private static GovernedValue Overlay(GovernedValue definition, GovernedValue binding)
    {
        var members = new List<(string, GovernedValue)>();
        for (int i = 0; i < definition.Count; i++)
        {
            ValueMember member = definition.MemberAt(i);
            if (!NotConfiguration.Contains(member.Name) && !binding.TryGetMember(member.Name, out _))
            {
                members.Add((member.Name, member.Value));
            }
        }

        for (int i = 0; i < binding.Count; i++)
        {
            ValueMember member = binding.MemberAt(i);
            if (!NotConfiguration.Contains(member.Name))
            {
                members.Add((member.Name, member.Value));
            }
        }

        return AcsValues.Map(members.ToArray());
    }

    private static byte[] Canonical(AcsDraft draft) => AcsCanonicalJson.ToUtf8(AcsValues.Map(
    [
        ("agent_control_specification_version", GovernedValue.From(draft.Version?.Text)),
        ("metadata", draft.Metadata.Value),
        ("policies", Together(draft.Policies)),
        ("intervention_points", AcsValues.Map([.. draft.Points.Select(point => (point.Key.WireName(), Together(point.Value)))])),
        ("tools", Together(draft.Tools)),
        ("annotators", Together(draft.Annotators)),
        ("approval", draft.Approval?.Value ?? GovernedValue.Null),
    ]));

    private static GovernedValue Together(SortedDictionary<string, AcsPlaced> values) => AcsValues.Map([.. values.Select(value => (value.Key, value.Value.Value))]);

    private static GovernedValue Together(AcsPointDraft point) => AcsValues.Map(
    [
        ("policy_target", GovernedValue.From(point.Target?.Text)),
        ("policy_target_kind", GovernedValue.From(point.Kind?.Text)),
        ("tool_name_from", GovernedValue.From(point.ToolNameFrom?.Text)),
        ("policy", point.Policy?.Value ?? GovernedValue.Null),
        ("annotations", Together(point.Annotations)),
    ]);

    private static string? Text(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value.AsString() : null;

    private static long? Number(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) && value.TryGetInt64(out long number) ? number : null;
}
