namespace Agt.Adapters.SemanticKernel;

/// <summary>What this adapter covers. Immutable.</summary>
public sealed class SemanticKernelAdapter : IGovernanceAdapter
{
    /// <summary>The descriptor.</summary>
    public AdapterDescriptor Descriptor { get; } = new()
    {
        Name = SemanticKernelGovernor.Framework,
        Framework = "Semantic Kernel",
        PackageId = "Microsoft.SemanticKernel.Abstractions",
        MinVersion = "1.82.0",
        TestedVersions = ["1.82.0"],
        Points =
        [
            InterventionPoint.Input, InterventionPoint.PreModelCall, InterventionPoint.PostModelCall,
            InterventionPoint.PreToolCall, InterventionPoint.PostToolCall, InterventionPoint.Output,
        ],
        Capabilities = AdapterCapabilities.RewriteArguments | AdapterCapabilities.RewriteResult | AdapterCapabilities.BlockTool | AdapterCapabilities.BlockModel
            | AdapterCapabilities.Terminate | AdapterCapabilities.Stream | AdapterCapabilities.ParallelCalls | AdapterCapabilities.InlineApproval | AdapterCapabilities.Cancel,
        KnownBypasses =
        [
            new KnownBypass("filters-removed", "Host code can clear the filter lists of a kernel.", "A governed chat service refuses every request with such a kernel, and a tool that clears them stops its loop; kernel.VerifyGoverned() reports it for direct calls."),
            new KnownBypass(
                "function-without-kernel",
                "A KernelFunction invoked as an AIFunction without its kernel, or on another kernel, passes no filter.",
                "Invoke functions through the governed kernel, and govern every kernel of the host."),
            new KnownBypass(
                "inner-filter", "A function filter that runs inside governance can change arguments after they were decided on.",
                "kernel.VerifyGoverned() lists such filters; move what changes arguments before the governed call."),
            new KnownBypass(
                "service-outside", "A chat service that was registered after AddGovernance, or that a host holds itself, is not decorated.",
                "Call builder.AddGovernance last; kernel.VerifyGoverned() reports services that are not governed."),
            new KnownBypass(
                "model-calls-within-a-turn", "The requests that a connector sends between the tool calls of one turn are not decided on one by one.",
                "Each tool call and its result, the first request and the last reply are decided on."),
            new KnownBypass(
                "post-model-without-decorator", "Without a governed chat service the reply to a rendered prompt is decided on as the function's output only, calls of unknown functions leave no record, and calls that never start after a loop was stopped get no result.",
                "Build the kernel with builder.AddGovernance."),
        ],
    };
}
