namespace Agt.Adapters.ExtensionsAI;

/// <summary>What this adapter covers.</summary>
internal sealed class ExtensionsAIAdapter : IGovernanceAdapter
{
    public AdapterDescriptor Descriptor { get; } = new()
    {
        Name = "extensions-ai",
        Framework = "Microsoft.Extensions.AI",
        PackageId = "Microsoft.Extensions.AI",
        MinVersion = "10.11.0",
        TestedVersions = ["10.11.0"],
        Points =
        [
            InterventionPoint.AgentStartup, InterventionPoint.Input, InterventionPoint.PreModelCall, InterventionPoint.PostModelCall,
            InterventionPoint.PreToolCall, InterventionPoint.PostToolCall, InterventionPoint.Output, InterventionPoint.AgentShutdown,
        ],
        Capabilities = AdapterCapabilities.RewriteArguments | AdapterCapabilities.RewriteResult | AdapterCapabilities.BlockTool | AdapterCapabilities.BlockModel |
            AdapterCapabilities.Terminate | AdapterCapabilities.Stream | AdapterCapabilities.ParallelCalls | AdapterCapabilities.InlineApproval | AdapterCapabilities.NativeApproval |
            AdapterCapabilities.Cancel,
        KnownBypasses =
        [
            new("unwrapped-object", "A client or function that the host keeps from before it was governed can be called directly.",
                "Hand out governed ones only. A governed client gives nothing ungoverned away through GetService."),
            new("hosted-tools", "Tools that the provider runs itself (web search, code interpreter, remote MCP servers) run where no hook reaches.",
                "They are refused unless the host sets HostedTools.AllowByPolicy and a rule allows the model call. What they did is visible in the reply."),
            new("loop-below", "A FunctionInvokingChatClient below UseGovernance makes several calls of the model that are seen as one.",
                "Its functions are governed. Leave function invocation to UseGovernance, which adds a loop of its own with a governed layer below it."),
            new("raw-representation", "Providers may send the raw form kept in RawRepresentation, or what RawRepresentationFactory makes, instead of the content that was decided on.",
                "Whatever a transform rewrites loses its raw form. Do not take raw forms, nor options with a factory, from untrusted sources."),
            new("approval-replay", "The framework runs calls out of approval responses in the history, also forged ones.",
                "Answers count once, in time and only with the sealed ticket of an open request; every other one becomes a rejection and raises bypass_detected. The calls are decided on like any other."),
        ],
    };
}
