using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>What a template and a point answer: text, or nothing.</summary>
internal static class TemplateFields
{
    internal static GovernedValue Read(FieldRoot root, ActionTemplate template, InterventionPoint point) => root switch
    {
        FieldRoot.ToolName => Text(template.Tool?.Name),
        FieldRoot.ToolSource => Text(template.Tool?.Source),
        FieldRoot.ToolHash => template.Tool is { ContentHash.IsEmpty: false } tool ? Text(tool.ContentHash.ToString()) : default,
        FieldRoot.Agent => Text(template.Principal.Agent.Value),
        FieldRoot.User => Text(template.Principal.User),
        FieldRoot.Tenant => Text(template.Principal.Tenant),
        FieldRoot.Operation => Text(template.Operation),
        FieldRoot.Point => Text(point.WireName()),
        FieldRoot.ActionType => Text(ActionType(point)),
        FieldRoot.Framework => Text(template.Framework),
        _ => default,
    };

    private static GovernedValue Text(string? text) => text is null ? default : GovernedValue.From(text);

    private static string ActionType(InterventionPoint point) => point switch
    {
        InterventionPoint.PreToolCall or InterventionPoint.PostToolCall => "tool_call",
        InterventionPoint.PreModelCall or InterventionPoint.PostModelCall => "model_call",
        _ => point.WireName(),
    };
}
