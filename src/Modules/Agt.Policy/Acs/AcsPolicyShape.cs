using Agt.Policy.Loading;

namespace Agt.Policy.Acs;

/// <summary>The shape of policies, annotators and approvals in a manifest (POL-404, 411, 423).</summary>
internal static class AcsPolicyShape
{
    private static readonly string[] CedarMembers = ["type", "policy_set", "policy_path", "entities_path", "schema_path", "query"];
    private static readonly string[] OnlyCedar = ["policy_set", "policy_path", "entities_path", "schema_path"];
    private static readonly string[] ApprovalMembers = ["default_resolver", "timeout_seconds", "on_timeout", "fatigue_threshold", "fatigue_window_seconds", "resolvers"];

    internal static void Check(AcsShapeReader reader, string name, DocumentNode policy, string pointer)
    {
        AcsPlacedText? type = reader.OptionalText(policy, pointer, "type");
        switch (type?.Text)
        {
            case "rego":
                CheckRego(reader, policy, pointer);
                break;
            case "cedar":
                CheckCedar(reader, policy, pointer);
                break;
            case "test":
                CheckPaths(reader, policy, pointer);
                break;
            case "custom":
                if (reader.OptionalText(policy, pointer, "adapter") is null && AcsShapeReader.Find(policy, "adapter") is null)
                {
                    reader.Missing(policy, pointer, "adapter", "Name the engine that a custom policy asks.");
                }

                CheckPaths(reader, policy, pointer);
                break;
            case null:
                if (AcsShapeReader.Find(policy, "type") is null)
                {
                    reader.Missing(policy, pointer, "type", "It is rego, cedar, test or custom.");
                }

                break;
            default:
                reader.Refuse(policy, pointer + "/type", $"There is no type {YamlDocumentReader.Shown(type.Value.Text)} of policy.", "It is rego, cedar, test or custom.");
                break;
        }
    }

    internal static void CheckAnnotator(AcsShapeReader reader, string name, DocumentNode annotator, string pointer)
    {
        AcsPlacedText? type = reader.OptionalText(annotator, pointer, "type");
        if (type is null)
        {
            if (AcsShapeReader.Find(annotator, "type") is null)
            {
                reader.Missing(annotator, pointer, "type", "It is classifier, llm or endpoint.");
            }
        }
        else if (type.Value.Text is not ("classifier" or "llm" or "endpoint"))
        {
            reader.Refuse(annotator, pointer + "/type", $"There is no type {YamlDocumentReader.Shown(type.Value.Text)} of annotator.", "It is classifier, llm or endpoint.");
        }

        if (AcsShapeReader.Find(annotator, "timeout_ms") is { } timeout && !(timeout.Scalar.TryGetInt64(out long milliseconds) && milliseconds is >= 1 and <= 3_600_000))
        {
            reader.Refuse(timeout, pointer + "/timeout_ms", "timeout_ms is no number of milliseconds from 1 to 3,600,000.", "Write one.");
        }
    }

    internal static void CheckApproval(AcsShapeReader reader, DocumentNode approval, string pointer)
    {
        reader.RefuseUnknown(approval, pointer, "approval", ApprovalMembers);
        AcsPlacedText? resolver = reader.OptionalText(approval, pointer, "default_resolver");
        foreach (string name in ApprovalMembers.AsSpan()[1..])
        {
            if (name is "timeout_seconds" or "fatigue_threshold" or "fatigue_window_seconds" && AcsShapeReader.Find(approval, name) is { } number
                && !(number.Scalar.TryGetInt64(out long value) && value is >= 1 and <= 31_536_000))
            {
                reader.Refuse(number, $"{pointer}/{name}", $"{name} is no whole number from 1 to 31,536,000.", "Write one.");
            }
        }

        CheckTimeout(reader, approval, pointer);
        DocumentNode? resolvers = AcsShapeReader.Find(approval, "resolvers");
        if (resolvers is { Members: null })
        {
            reader.Wrong(resolvers, pointer + "/resolvers", "resolvers", "an object");
            return;
        }

        foreach (DocumentMember member in resolvers?.Members ?? [])
        {
            string at = AcsFindings.PointerTo(pointer + "/resolvers", member.Name);
            if (string.IsNullOrWhiteSpace(member.Name) || member.Value.Members is null)
            {
                reader.Refuse(member.Value, at, "A resolver has a name and is an object.", "Write 'name:' and, below it, its type.");
            }
            else if (reader.OptionalText(member.Value, at, "type") is null && AcsShapeReader.Find(member.Value, "type") is null)
            {
                reader.Missing(member.Value, at, "type", "Say of which type the resolver is.");
            }
        }

        if (resolver is { } chosen && resolvers is { Members.Count: > 0 } && !AcsShapeReader.Has(resolvers, chosen.Text))
        {
            reader.Refuse(approval, pointer + "/default_resolver", $"There is no resolver {YamlDocumentReader.Shown(chosen.Text)}.", "Name one of resolvers.");
        }
    }

    /// <summary>Members that name files are text, or lists of text.</summary>
    internal static void CheckPaths(AcsShapeReader reader, DocumentNode map, string pointer)
    {
        if (AcsShapeReader.Find(map, "data_paths") is { } paths && !(paths.Items is { } items && items.TrueForAll(item => !string.IsNullOrWhiteSpace(item.Text))))
        {
            reader.Refuse(paths, pointer + "/data_paths", "data_paths is no list of texts.", "Write a list of paths.");
        }

        if (AcsShapeReader.Find(map, "data") is { } data && data.Members is null && data.Items is null && data.Text is null)
        {
            reader.Wrong(data, pointer + "/data", "data", "an object, a list or text");
        }
    }

    private static void CheckTimeout(AcsShapeReader reader, DocumentNode approval, string pointer)
    {
        AcsPlacedText? end = reader.OptionalText(approval, pointer, "on_timeout");
        switch (end?.Text)
        {
            case null or "deny" or "suspend":
                break;
            case "allow":
                reader.Warn(
                    AcsShapeReader.Find(approval, "on_timeout")!, pointer + "/on_timeout", "on_timeout: allow would let everything through that nobody answered. It acts as deny.", "Write deny or suspend.");
                break;
            default:
                reader.Refuse(approval, pointer + "/on_timeout", $"on_timeout is {YamlDocumentReader.Shown(end.Value.Text)}.", "Write deny or suspend.");
                break;
        }
    }

    private static void CheckRego(AcsShapeReader reader, DocumentNode policy, string pointer)
    {
        reader.OptionalText(policy, pointer, "query");
        reader.OptionalText(policy, pointer, "bundle");
        foreach (string member in OnlyCedar)
        {
            if (AcsShapeReader.Has(policy, member))
            {
                reader.Refuse(policy, $"{pointer}/{member}", $"A Rego policy has no {member}.", "Its modules are in a bundle; the member is for Cedar.");
            }
        }

        if (AcsShapeReader.Find(policy, "bundle_url") is { } address)
        {
            if (AcsShapeReader.Has(policy, "bundle"))
            {
                reader.Refuse(policy, pointer, "A Rego policy has both bundle and bundle_url.", "Keep one of them.");
            }

            if (address.Members is null)
            {
                reader.Wrong(address, pointer + "/bundle_url", "bundle_url", "an object with url and sha256 or integrity");
            }
            else if (reader.ReadPinned(address, pointer + "/bundle_url", pinned: true) is { } reference && !AcsUrls.TryParse(reference.Target, out _, out string error))
            {
                reader.Refuse(address, pointer + "/bundle_url", error, "Write an address that begins with https://.");
            }
        }

        CheckPaths(reader, policy, pointer);
    }

    private static void CheckCedar(AcsShapeReader reader, DocumentNode policy, string pointer)
    {
        reader.RefuseUnknown(policy, pointer, "A Cedar policy", CedarMembers);
        foreach (string member in OnlyCedar)
        {
            reader.OptionalText(policy, pointer, member);
        }

        if ((AcsShapeReader.Find(policy, "policy_set") is null) == (AcsShapeReader.Find(policy, "policy_path") is null))
        {
            reader.Refuse(policy, pointer, "A Cedar policy has one of policy_set and policy_path.", "Write the text, or the path of a file.");
        }

        if (AcsShapeReader.Find(policy, "query") is { Members: null } query)
        {
            reader.Wrong(query, pointer + "/query", "query", "an object");
        }
    }
}
