using Agt.Policy.InformationFlow;

namespace Agt.Policy.Loading;

/// <summary>Reads <c>information_flow</c> of a document: <c>true</c>, or a map that says more.</summary>
internal static class InformationFlowBinder
{
    private static readonly string[] Fields = ["action", "approvers", "private_label", "untrusted_label", "input_is_untrusted", "undeclared_tools", "tools", "exempt_egress"];

    private static readonly string[] EffectNames = ["none", "reads", "ingests", "egress", "writes", "irreversible"];

    internal static InformationFlowOptions? Bind(MapReader map, DiagnosticBag bag)
    {
        if (map.Find("information_flow") is not { } node)
        {
            return null;
        }

        if (node.Members is null)
        {
            return map.Boolean("information_flow") is true ? new InformationFlowOptions() : null;
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
        foreach (string tools in flow.Texts("exempt_egress") ?? [])
        {
            if (!string.IsNullOrWhiteSpace(tools))
            {
                options.ExemptEgress(tools);
            }
        }

        Tools(flow, options, bag);
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
                continue;
            }

            options.Declare(member.Name, Effects(tools, member.Name, bag));
        }
    }

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
