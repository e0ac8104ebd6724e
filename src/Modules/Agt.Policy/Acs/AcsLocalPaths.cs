using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Files that a manifest names: relative to it where it is one itself, and not at all where it was fetched (POL-422).</summary>
internal static class AcsLocalPaths
{
    private static readonly string[] Files = ["bundle", "policy_path", "entities_path", "schema_path", "system_prompt_file"];
    private static readonly string[] Lists = ["data", "data_paths"];
    private static readonly string[] KeyedProviders = ["openai", "openai_compatible", "azure_openai", "bedrock", "gemini"];

    internal static void MakeAbsolute(AcsDraft draft, string folder)
    {
        foreach (string id in draft.Policies.Keys.ToArray())
        {
            draft.Policies[id] = Absolute(draft.Policies[id], folder);
        }

        foreach (string name in draft.Annotators.Keys.ToArray())
        {
            draft.Annotators[name] = Absolute(draft.Annotators[name], folder);
        }

        foreach (AcsPointDraft point in draft.Points.Values)
        {
            point.Policy = point.Policy is { } policy ? Absolute(policy, folder) : null;
        }
    }

    /// <summary>Whether a fetched manifest keeps to what it may say.</summary>
    internal static bool CheckRemote(AcsDraft draft, bool pinned, AcsFindings findings)
    {
        bool sound = true;
        foreach ((string id, AcsPlaced policy) in draft.Policies)
        {
            sound &= Check(policy, AcsFindings.PointerTo("/policies", id), findings);
            if (!pinned && policy.Value.TryGetMember("bundle_url", out _))
            {
                findings.Error(
                    "AGTP345", policy.Source, policy.Position, AcsFindings.PointerTo("/policies", id), "A fetched manifest names a bundle, and not every manifest on the way to it is pinned.", "Add sha256 or integrity to each extends.");
                sound = false;
            }
        }

        foreach ((string name, AcsPlaced annotator) in draft.Annotators)
        {
            string pointer = AcsFindings.PointerTo("/annotators", name);
            sound &= Check(annotator, pointer, findings);
            if (annotator.Value.TryGetMember("provider", out GovernedValue provider) && KeyedProviders.Contains(provider.AsString()) && !annotator.Value.TryGetMember("api_key", out _))
            {
                findings.Error("AGTP345", annotator.Source, annotator.Position, pointer, "A fetched manifest would use the host's own credentials.", "Declare the annotator in a file of your own.");
                sound = false;
            }
        }

        foreach ((InterventionPoint point, AcsPointDraft config) in draft.Points)
        {
            string pointer = "/intervention_points/" + point.WireName();
            sound &= config.Policy is not { } policy || Check(policy, pointer + "/policy", findings);
            foreach ((string name, AcsPlaced annotation) in config.Annotations)
            {
                sound &= Check(annotation, AcsFindings.PointerTo(pointer + "/annotations", name), findings);
            }
        }

        return sound;
    }

    private static bool Check(AcsPlaced placed, string pointer, AcsFindings findings)
    {
        bool sound = true;
        for (int i = 0; i < placed.Value.Count; i++)
        {
            ValueMember member = placed.Value.MemberAt(i);
            bool file = Files.Contains(member.Name) || (Lists.Contains(member.Name) && member.Value.Kind is ValueKind.String or ValueKind.List);
            if (file || member.Name.EndsWith("_env", StringComparison.Ordinal) || HasEnvironment(member.Value))
            {
                findings.Error(
                    "AGTP345", placed.Source, placed.Position, AcsFindings.PointerTo(pointer, member.Name), $"A fetched manifest names {(file ? "a file" : "an environment variable")} of this machine ({YamlDocumentReader.Shown(member.Name)}).",
                    "Declare it in a file of your own.");
                sound = false;
            }
        }

        return sound;
    }

    private static bool HasEnvironment(GovernedValue value)
    {
        for (int i = 0; i < value.Count; i++)
        {
            if ((value.Kind == ValueKind.Map && value.MemberAt(i).Name.EndsWith("_env", StringComparison.Ordinal)) || HasEnvironment(value[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static AcsPlaced Absolute(AcsPlaced placed, string folder)
    {
        var members = new (string, GovernedValue)[placed.Value.Count];
        for (int i = 0; i < members.Length; i++)
        {
            ValueMember member = placed.Value.MemberAt(i);
            members[i] = (member.Name, Files.Contains(member.Name) || Lists.Contains(member.Name) ? Absolute(member.Value, folder) : member.Value);
        }

        return placed with { Value = AcsValues.Map(members) };
    }

    private static GovernedValue Absolute(GovernedValue value, string folder)
    {
        if (value.AsString() is { Length: > 0 } path)
        {
            return path.Contains('\0', StringComparison.Ordinal) ? value : GovernedValue.From(Path.GetFullPath(path, folder));
        }

        if (value.Kind != ValueKind.List)
        {
            return value;
        }

        var items = new GovernedValue[value.Count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = value[i].Kind == ValueKind.String ? Absolute(value[i], folder) : value[i];
        }

        return AcsValues.List(AcsValues.NewArena(), items);
    }
}
