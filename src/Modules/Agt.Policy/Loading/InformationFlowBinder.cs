using Agt.Policy.InformationFlow;

namespace Agt.Policy.Loading;

/// <summary>Reads <c>information_flow</c> of a document: <c>true</c>, or a map that says more.</summary>
internal static class InformationFlowBinder
{
    private static readonly string[] Fields = ["action", "approvers", "private_label", "untrusted_label", "input_is_untrusted", "undeclared_tools", "tools", "exempt_egress"];

    private static readonly string[] ToolFields = ["effects", "source"];

    private static readonly string[] ExemptFields = ["tools", "source"];

    private static readonly string[] EffectNames = ["none", "reads", "ingests", "egress", "writes", "irreversible"];

    internal static InformationFlowOptions? Bind(MapReader map, DiagnosticBag bag)
    {
        if (map.Find("information_flow") is not { } node)
        {
            return null;
        }

        if (node.Members is null)
        {
            if (!node.Scalar.TryGetBoolean(out bool on))
            {
                map.WrongType("information_flow", node, "true, false or a map");
            }

            return on ? new InformationFlowOptions() : null;
        }

        var flow = new MapReader(node, "/information_flow", bag);
        flow.RefuseUnknown(Fields, "information_flow");
        var options = new InformationFlowOptions { InputIsUntrusted = flow.Boolean("input_is_untrusted") ?? false };
        switch (flow.Text("action"))
        {
            case null or "require_approval" or "escalate":
                break;
            case "deny" or "block":
                options.Deny = true;
                break;
            case var other:
                bag.Error("AGTP040", flow.Find("action")!.Position, "/information_flow/action", $"information_flow has no action {YamlDocumentReader.Shown(other)}.", "Write require_approval or deny.");
                break;
        }

        options.PrivateLabel = flow.Text("private_label") ?? options.PrivateLabel;
        options.UntrustedLabel = flow.Text("untrusted_label") ?? options.UntrustedLabel;
        if (string.IsNullOrWhiteSpace(options.PrivateLabel) || string.IsNullOrWhiteSpace(options.UntrustedLabel) || options.PrivateLabel == options.UntrustedLabel)
        {
            bag.Error("AGTP057", node.Position, "/information_flow", "private_label and untrusted_label must be set and differ.", "Leave them out, or write two names.");
        }

        foreach (string approver in flow.Texts("approvers") ?? [])
        {
            options.Approvers.Add(approver);
        }

        options.UndeclaredTools = flow.Find("undeclared_tools") is null ? options.UndeclaredTools : Effects(flow, "undeclared_tools", bag);
        Tools(flow, options, bag);
        Exempt(flow, options, bag);
        return options;
    }

    private static void Tools(MapReader flow, InformationFlowOptions options, DiagnosticBag bag)
    {
        if (flow.Find("tools") is not { } node)
        {
            return;
        }

        if (node.Members is null)
        {
            flow.WrongType("tools", node, "a map of tool patterns and what they do");
            return;
        }

        var tools = new MapReader(node, "/information_flow/tools", bag);
        foreach (DocumentMember member in tools.Members)
        {
            if (string.IsNullOrWhiteSpace(member.Name))
            {
                bag.Error("AGTP032", member.Position, "/information_flow/tools", "A pattern of tools is empty.", "Write one, such as crm.*.");
            }
            else if (member.Value.Members is null)
            {
                options.Declare(member.Name, Effects(tools, member.Name, bag));
            }
            else
            {
                var tool = new MapReader(member.Value, tools.PointerTo(member.Name), bag);
                tool.RefuseUnknown(ToolFields, "A tool of information_flow");
                if (tool.Find("effects") is null)
                {
                    tool.Missing("effects");
                    continue;
                }

                options.Declare(member.Name, Effects(tool, "effects", bag), Source(tool));
            }
        }
    }

    private static void Exempt(MapReader flow, InformationFlowOptions options, DiagnosticBag bag)
    {
        if (flow.Find("exempt_egress") is not { } node)
        {
            return;
        }

        List<DocumentNode> items = node.Items ?? [node];
        for (int i = 0; i < items.Count; i++)
        {
            string pointer = node.Items is null ? "/information_flow/exempt_egress" : $"/information_flow/exempt_egress/{i}";
            if (items[i].Text is { } name && !string.IsNullOrWhiteSpace(name))
            {
                options.ExemptEgress(name);
            }
            else if (items[i].Members is not null)
            {
                var exempt = new MapReader(items[i], pointer, bag);
                exempt.RefuseUnknown(ExemptFields, "An exemption of information_flow");
                if (exempt.Text("tools", required: true) is { } tools)
                {
                    options.ExemptEgress(tools, Source(exempt));
                }
            }
            else
            {
                bag.Error("AGTP031", items[i].Position, pointer, $"An exemption is {items[i].KindName}, not a pattern of tools.", "Write one, such as notes.save, or a map of tools and source.");
            }
        }
    }

    /// <summary>Where the tools have to come from. What cannot be read is no wildcard.</summary>
    private static string? Source(MapReader map) => map.Find("source") is null ? null : map.Text("source", required: true) ?? "\0";

    private static ToolEffects Effects(MapReader map, string name, DiagnosticBag bag)
    {
        if (map.Texts(name) is not { Length: > 0 } names)
        {
            bag.Error("AGTP057", map.Find(name)!.Position, map.PointerTo(name), "It is not said what the tools do.", $"Write one or more of: {string.Join(", ", EffectNames)}.");
            return ToolEffects.None;
        }

        ToolEffects effects = ToolEffects.None;
        foreach (string written in names)
        {
            ToolEffects? effect = written switch
            {
                "none" => ToolEffects.None,
                "reads" => ToolEffects.Reads,
                "ingests" => ToolEffects.Ingests,
                "egress" => ToolEffects.Egress,
                "writes" => ToolEffects.Writes,
                "irreversible" => ToolEffects.Irreversible,
                _ => null,
            };
            if (effect is null)
            {
                string? nearest = Suggestion.Nearest(written, EffectNames);
                bag.Error(
                    "AGTP057", map.Find(name)!.Position, map.PointerTo(name), $"No tool does {YamlDocumentReader.Shown(written)}.",
                    nearest is null ? $"Write one or more of: {string.Join(", ", EffectNames)}." : $"Did you mean '{nearest}'?");
            }

            effects |= effect ?? ToolEffects.None;
        }

        return effects;
    }
}
