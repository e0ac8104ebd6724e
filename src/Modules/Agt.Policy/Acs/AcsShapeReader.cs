using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// Reads one manifest file into a draft and checks the shape of it: members, types, names (codes AGTP300 to 319). What refers to something else is checked when it is composed.
/// </summary>
internal sealed class AcsShapeReader(string source, AcsFindings findings)
{
    private static readonly string[] Top =
        ["agent_control_specification_version", "metadata", "extends", "policies", "intervention_points", "tools", "annotators", "approval"];

    private static readonly string[] PointMembers = ["policy_target", "policy_target_kind", "tool_name_from", "annotations", "policy"];

    internal AcsDraft? Read(DocumentNode root)
    {
        if (root.Members is null)
        {
            Wrong(root, string.Empty, "The manifest", "an object");
            return null;
        }

        var draft = new AcsDraft(source);
        RefuseUnknown(root, string.Empty, "A manifest", Top);
        DocumentNode? version = Find(root, Top[0]);
        if (version is null)
        {
            Missing(root, string.Empty, Top[0], "Add the version of the specification, such as 0.3.1-beta.");
        }
        else
        {
            draft.Version = Text(version, "/" + Top[0], Top[0]);
        }

        if (Map(root, string.Empty, "metadata") is { } metadata)
        {
            draft.Metadata = Placed(metadata);
        }

        ReadExtends(root, draft);
        ReadNamed(root, "policies", draft.Policies, AcsPolicyShape.Check);
        ReadPoints(root, draft);
        ReadNamed(root, "tools", draft.Tools, static (_, _, _, _) => { });
        ReadNamed(root, "annotators", draft.Annotators, AcsPolicyShape.CheckAnnotator);
        if (Map(root, string.Empty, "approval") is { } approval)
        {
            AcsPolicyShape.CheckApproval(this, approval, "/approval");
            draft.Approval = Placed(approval);
        }

        return findings.HasErrors ? null : draft;
    }

    internal static DocumentNode? Find(DocumentNode map, string name)
    {
        foreach (DocumentMember member in map.Members!)
        {
            if (member.Name == name)
            {
                return member.Value.Scalar.Kind == ValueKind.Null && member.Value.Members is null && member.Value.Items is null ? null : member.Value;
            }
        }

        return null;
    }

    internal static bool Has(DocumentNode map, string name) => map.Members!.Exists(member => member.Name == name);

    internal void RefuseUnknown(DocumentNode map, string pointer, string what, string[] known)
    {
        foreach (DocumentMember member in map.Members!)
        {
            if (!known.Contains(member.Name))
            {
                findings.Error(
                    "AGTP302", source, member.Position, AcsFindings.PointerTo(pointer, member.Name), $"{what} has no member {YamlDocumentReader.Shown(member.Name)}.",
                    Suggestion.Nearest(member.Name, known) is { } nearest ? $"Did you mean '{nearest}'?" : "Remove it; facts of your own go under metadata.");
            }
        }
    }

    internal void Missing(DocumentNode map, string pointer, string name, string fix) =>
        findings.Error("AGTP301", source, map.Position, pointer, $"{name} is missing.", fix);

    internal void Wrong(DocumentNode node, string pointer, string what, string wanted) =>
        findings.Error("AGTP300", source, node.Position, pointer, $"{what} is {node.KindName}, not {wanted}.", $"Write {wanted}.");

    internal void Refuse(DocumentNode node, string pointer, string message, string fix) => findings.Error("AGTP303", source, node.Position, pointer, message, fix);

    internal void Warn(DocumentNode node, string pointer, string message, string fix) => findings.Warn("AGTP304", source, node.Position, pointer, message, fix);

    /// <summary>A text that is not blank.</summary>
    internal AcsPlacedText? Text(DocumentNode node, string pointer, string what)
    {
        if (node.Text is not { } text)
        {
            Wrong(node, pointer, what, "text");
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            Refuse(node, pointer, $"{what} is blank.", "Write one, or remove the member.");
            return null;
        }

        return new AcsPlacedText(text, source, node.Position);
    }

    internal AcsPlacedText? OptionalText(DocumentNode map, string pointer, string name) =>
        Find(map, name) is { } node ? Text(node, AcsFindings.PointerTo(pointer, name), name) : null;

    private DocumentNode? Map(DocumentNode map, string pointer, string name)
    {
        DocumentNode? node = Find(map, name);
        if (node is null || node.Members is not null)
        {
            return node;
        }

        Wrong(node, AcsFindings.PointerTo(pointer, name), name, "an object");
        return null;
    }

    private AcsPlaced Placed(DocumentNode node) => new(node.ToValue(), source, node.Position);

    private void ReadExtends(DocumentNode root, AcsDraft draft)
    {
        DocumentNode? list = Find(root, "extends");
        if (list is null)
        {
            return;
        }

        if (list.Items is null)
        {
            Wrong(list, "/extends", "extends", "a list");
            return;
        }

        for (int i = 0; i < list.Items.Count; i++)
        {
            DocumentNode entry = list.Items[i];
            string pointer = $"/extends/{i}";
            if (entry.Members is null)
            {
                if (Text(entry, pointer, "An entry of extends") is { } path)
                {
                    draft.Extends.Add(new AcsReference(path.Text.Trim(), AcsUrls.HasScheme(path.Text), null, entry.Position));
                }
            }
            else if (ReadPinned(entry, pointer, pinned: false) is { } reference)
            {
                draft.Extends.Add(reference);
            }
        }
    }

    /// <summary>An address with or without the digest of what is there.</summary>
    internal AcsReference? ReadPinned(DocumentNode entry, string pointer, bool pinned)
    {
        RefuseUnknown(entry, pointer, "An address", ["url", "sha256", "integrity"]);
        AcsPlacedText? url = OptionalText(entry, pointer, "url");
        if (url is null)
        {
            Missing(entry, pointer, "url", "Add the address, which begins with https://.");
            return null;
        }

        AcsPlacedText? hex = OptionalText(entry, pointer, "sha256");
        AcsPlacedText? integrity = OptionalText(entry, pointer, "integrity");
        if (hex is not null && integrity is not null)
        {
            Refuse(entry, pointer, "An address has both sha256 and integrity.", "Keep one of them.");
            return null;
        }

        if (pinned && hex is null && integrity is null)
        {
            Refuse(entry, pointer, "The address is not pinned.", "Add sha256 or integrity: what a policy is must not be able to change unseen.");
            return null;
        }

        byte[]? digest = null;
        if ((hex is { } one && !AcsUrls.TryReadHex(one.Text, out digest)) || (integrity is { } other && !AcsUrls.TryReadIntegrity(other.Text, out digest)))
        {
            Refuse(entry, pointer, "The digest of an address is malformed.", "sha256 has 64 hexadecimal digits; integrity is 'sha256-' and the digest in base64.");
            return null;
        }

        return new AcsReference(url.Value.Text.Trim(), true, digest, entry.Position);
    }

    private void ReadNamed(DocumentNode root, string name, SortedDictionary<string, AcsPlaced> into, Action<AcsShapeReader, string, DocumentNode, string> check)
    {
        if (Map(root, string.Empty, name) is not { } map)
        {
            return;
        }

        foreach (DocumentMember member in map.Members!)
        {
            string pointer = AcsFindings.PointerTo("/" + name, member.Name);
            if (string.IsNullOrWhiteSpace(member.Name))
            {
                Refuse(member.Value, pointer, $"A name in {name} is blank.", "Name it.");
            }
            else if (member.Value.Members is null)
            {
                Wrong(member.Value, pointer, YamlDocumentReader.Shown(member.Name), "an object");
            }
            else
            {
                check(this, member.Name, member.Value, pointer);
                into[member.Name] = Placed(member.Value);
            }
        }
    }

    private void ReadPoints(DocumentNode root, AcsDraft draft)
    {
        if (Map(root, string.Empty, "intervention_points") is not { } map)
        {
            return;
        }

        foreach (DocumentMember member in map.Members!)
        {
            string pointer = AcsFindings.PointerTo("/intervention_points", member.Name);
            if (!AcsPoints.TryParse(member.Name, out InterventionPoint point))
            {
                Refuse(
                    member.Value, pointer, $"There is no point {YamlDocumentReader.Shown(member.Name)}.",
                    Suggestion.Nearest(member.Name, AcsPoints.Names) is { } nearest ? $"Did you mean '{nearest}'?" : "The points are " + string.Join(", ", AcsPoints.Names) + ".");
            }
            else if (member.Value.Members is null)
            {
                Wrong(member.Value, pointer, member.Name, "an object");
            }
            else
            {
                draft.Points[point] = ReadPoint(member.Value, pointer);
            }
        }
    }

    private AcsPointDraft ReadPoint(DocumentNode node, string pointer)
    {
        RefuseUnknown(node, pointer, "A point", PointMembers);
        var point = new AcsPointDraft(source, node.Position)
        {
            Target = OptionalText(node, pointer, "policy_target"),
            Kind = OptionalText(node, pointer, "policy_target_kind"),
            ToolNameFrom = OptionalText(node, pointer, "tool_name_from"),
        };
        if (Map(node, pointer, "policy") is { } policy)
        {
            string at = pointer + "/policy";
            if (OptionalText(policy, at, "id") is null && !Has(policy, "id"))
            {
                Missing(policy, at, "id", "Name the policy that decides here.");
            }

            OptionalText(policy, at, "query");
            AcsPolicyShape.CheckPaths(this, policy, at);
            point.Policy = Placed(policy);
        }

        if (Map(node, pointer, "annotations") is { } annotations)
        {
            foreach (DocumentMember annotation in annotations.Members!)
            {
                ReadAnnotation(point, annotation, AcsFindings.PointerTo(pointer + "/annotations", annotation.Name));
            }
        }

        return point;
    }

    private void ReadAnnotation(AcsPointDraft point, DocumentMember annotation, string pointer)
    {
        if (annotation.Value.Members is null)
        {
            Wrong(annotation.Value, pointer, YamlDocumentReader.Shown(annotation.Name), "an object");
            return;
        }

        if (Has(annotation.Value, "annotator"))
        {
            Refuse(annotation.Value, pointer, "An annotation has no member annotator.", "Its own name is that of the annotator.");
        }

        if (OptionalText(annotation.Value, pointer, "from") is null && Find(annotation.Value, "from") is null)
        {
            Missing(annotation.Value, pointer, "from", "Say which value is judged, such as $policy_target.text.");
        }

        point.Annotations[annotation.Name] = Placed(annotation.Value);
    }
}
