using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Puts a manifest on top of those it extends: what two of them name is identical, or the manifest is refused (POL-420). Codes AGTP330 to 339.</summary>
internal sealed class AcsMerge(AcsFindings findings)
{
    internal void Into(AcsDraft existing, AcsDraft incoming)
    {
        if (existing.Version is { } version && incoming.Version is { } other && version.Text != other.Text)
        {
            Conflict(other.Source, other.Position, "/agent_control_specification_version");
        }

        existing.Version ??= incoming.Version;
        existing.Metadata = existing.Metadata with { Value = Deep(existing.Metadata.Value, incoming.Metadata, incoming.Metadata.Value, "/metadata") };
        Names(existing.Tools, incoming.Tools, "/tools");
        Names(existing.Annotators, incoming.Annotators, "/annotators");
        Names(existing.Policies, incoming.Policies, "/policies");
        foreach ((InterventionPoint point, AcsPointDraft draft) in incoming.Points)
        {
            if (existing.Points.TryGetValue(point, out AcsPointDraft? known))
            {
                Points(known, draft, "/intervention_points/" + point.WireName());
            }
            else
            {
                existing.Points[point] = Copy(draft);
            }
        }

        if (incoming.Approval is { } approval)
        {
            if (existing.Approval is { } one && !one.IsSameAs(approval))
            {
                Conflict(approval.Source, approval.Position, "/approval");
            }

            existing.Approval ??= approval;
        }
    }

    private static AcsPointDraft Copy(AcsPointDraft draft)
    {
        var copy = new AcsPointDraft(draft.Source, draft.Position) { Target = draft.Target, Kind = draft.Kind, ToolNameFrom = draft.ToolNameFrom, Policy = draft.Policy };
        foreach ((string name, AcsPlaced annotation) in draft.Annotations)
        {
            copy.Annotations[name] = annotation;
        }

        return copy;
    }

    private void Points(AcsPointDraft existing, AcsPointDraft incoming, string pointer)
    {
        existing.Target = Same(existing.Target, incoming.Target, pointer + "/policy_target");
        existing.Kind = Same(existing.Kind, incoming.Kind, pointer + "/policy_target_kind");
        existing.ToolNameFrom = Same(existing.ToolNameFrom, incoming.ToolNameFrom, pointer + "/tool_name_from");
        if (incoming.Policy is { } policy)
        {
            if (existing.Policy is { } one && !one.IsSameAs(policy))
            {
                Conflict(policy.Source, policy.Position, pointer + "/policy");
            }

            existing.Policy ??= policy;
        }

        Names(existing.Annotations, incoming.Annotations, pointer + "/annotations");
    }

    private AcsPlacedText? Same(AcsPlacedText? existing, AcsPlacedText? incoming, string pointer)
    {
        if (existing is { } one && incoming is { } other && one.Text != other.Text)
        {
            Conflict(other.Source, other.Position, pointer);
        }

        return existing ?? incoming;
    }

    private void Names(SortedDictionary<string, AcsPlaced> existing, SortedDictionary<string, AcsPlaced> incoming, string pointer)
    {
        foreach ((string name, AcsPlaced value) in incoming)
        {
            if (!existing.TryAdd(name, value) && !existing[name].IsSameAs(value))
            {
                Conflict(value.Source, value.Position, AcsFindings.PointerTo(pointer, name));
            }
        }
    }

    private GovernedValue Deep(GovernedValue existing, AcsPlaced place, GovernedValue incoming, string pointer)
    {
        if (ValueComparer.Exact.Equals(existing, incoming))
        {
            return existing;
        }

        if (existing.Kind != ValueKind.Map || incoming.Kind != ValueKind.Map)
        {
            Conflict(place.Source, place.Position, pointer);
            return existing;
        }

        var members = new List<(string, GovernedValue)>();
        for (int i = 0; i < existing.Count; i++)
        {
            ValueMember member = existing.MemberAt(i);
            members.Add((member.Name, incoming.TryGetMember(member.Name, out GovernedValue other)
                ? Deep(member.Value, place, other, AcsFindings.PointerTo(pointer, member.Name))
                : member.Value));
        }

        for (int i = 0; i < incoming.Count; i++)
        {
            ValueMember member = incoming.MemberAt(i);
            if (!existing.TryGetMember(member.Name, out _))
            {
                members.Add((member.Name, member.Value));
            }
        }

        return AcsValues.Map(members.ToArray());
    }

    private void Conflict(string source, SourcePosition position, string pointer) => findings.Error(
        "AGTP330", source, position, pointer, $"{pointer} is defined differently by a manifest that this one extends, or extends beside it.",
        "What two manifests define has to be the same in both: remove one, or use another name.");
}
