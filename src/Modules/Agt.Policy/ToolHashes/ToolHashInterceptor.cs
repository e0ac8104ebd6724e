namespace Agt.Policy.ToolHashes;

/// <summary>Compares tools with what was registered: one whose content changed after somebody approved of it does not run. Thread-safe.</summary>
internal sealed class ToolHashInterceptor : IInterceptor
{
    private readonly ToolHashOptions _options;
    private readonly Func<ToolHashInterceptor, ActionTemplate, object> _decide = static (self, template) => new Decided(self.Decide(template.Tool));

    internal ToolHashInterceptor(ToolHashOptions options) => _options = options;

    /// <summary>The code of a denial or warning.</summary>
    internal static ReasonCode Reason { get; } = new("policy:content_hash", DenialCategory.NotAllowedTool, "Tool not permitted by governance policy.");

    public string Name => "tool-hashes";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) =>
        context.Point == InterventionPoint.PreToolCall ? new(((Decided)context.Template.GetOrAddPlan(this, _decide)).Verdict) : default;

    private Verdict Decide(ToolIdentity? tool)
    {
        string? wrong = tool is null ? "The call names no tool."
            : !_options.Known.TryGetValue(tool.Name, out Values.Digest known) ? "The tool is not registered."
            : tool.ContentHash == default ? "The tool comes without a content hash."
            : tool.ContentHash != known ? $"The tool has the content hash {tool.ContentHash}, and {known} is registered."
            : null;
        return wrong is null ? default : new Verdict(_options.IsStrict ? VerdictOutcome.Deny : VerdictOutcome.Warn, new VerdictDetail(Reason) { Explanation = wrong });
    }

    private sealed record Decided(Verdict Verdict);
}
