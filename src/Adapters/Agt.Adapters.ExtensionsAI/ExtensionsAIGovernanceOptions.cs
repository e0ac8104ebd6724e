using System.Security.Claims;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI;

/// <summary>How chat clients and functions of Microsoft.Extensions.AI are governed. Read once, when the client or function is wrapped.</summary>
public sealed class ExtensionsAIGovernanceOptions : AdapterOptions
{
    /// <summary>
    /// Whether a denied input, model call or output throws <see cref="GovernanceDeniedException"/>. Default false: the caller gets a reply with the public text and
    /// <see cref="ChatFinishReason.ContentFilter"/>. Denied tool calls never throw; the model is told.
    /// </summary>
    public bool ThrowOnDeny { get; set; }

    /// <summary>When a streamed reply is let out. Default <see cref="StreamingMode.Buffer"/>.</summary>
    public StreamingMode Streaming { get; set; }

    /// <summary>The most bytes (UTF-8) of one streamed reply that are held back until it is decided on (spec 08, ADP-131), 1 to 1,073,741,824. Default 8,388,608. Beyond that the reply is denied.</summary>
    public int MaxBufferedBytes { get; set; } = 8_388_608;

    /// <summary>The most updates of one streamed reply that are held back until it is decided on, 1 to 10,000,000. Default 10,000. Beyond that the reply is denied.</summary>
    public int MaxBufferedUpdates { get; set; } = 10_000;

    /// <summary>How a person is asked about a tool call. Default <see cref="ApprovalMode.Inline"/>, which needs no caller that knows of approvals.</summary>
    public ApprovalMode ApprovalMode { get; set; }

    /// <summary>
    /// Says who gave an answer in <see cref="ApprovalMode.Native"/>: an authenticated person, whose name and roles a rule that names its approvers is held against. Null (default), or a person who
    /// is not authenticated: the session's user, without roles. It is called on the way in, once for each answer that counts.
    /// </summary>
    public Func<ToolApprovalResponseContent, ClaimsPrincipal?>? IdentifyApprover { get; set; }

    /// <summary>What happens with tools that the provider runs itself. Default <see cref="HostedTools.Deny"/>.</summary>
    public HostedTools HostedTools { get; set; }

    /// <summary>How often a model may ask for the same denied call in one request before the loop is stopped, 1 to 1,000. Default 3. Each time it is decided on anew.</summary>
    public int MaxDeniedRepeats { get; set; } = 3;

    /// <summary>Sets up the function-invoking client that governance adds where the pipeline has none; null leaves its defaults.</summary>
    public Action<FunctionInvokingChatClient>? ConfigureFunctionInvocation { get; set; }

    /// <exception cref="ArgumentException">A bound is out of range, or there is no agent.</exception>
    internal static ExtensionsAIGovernanceOptions Create(Action<ExtensionsAIGovernanceOptions>? configure)
    {
        var options = new ExtensionsAIGovernanceOptions();
        configure?.Invoke(options);
        if (options.Agent is null)
        {
            throw new ArgumentException("Governance: Agent must be set; leave it alone for an anonymous agent.", nameof(configure));
        }

        if (options.MaxBufferedBytes is < 1 or > 1_073_741_824)
        {
            throw new ArgumentException("Governance: MaxBufferedBytes must be between 1 and 1,073,741,824.", nameof(configure));
        }

        if (options.MaxDeniedRepeats is < 1 or > 1_000)
        {
            throw new ArgumentException("Governance: MaxDeniedRepeats must be between 1 and 1,000.", nameof(configure));
        }

        if (!Enum.IsDefined(options.ApprovalMode))
        {
            throw new ArgumentException("Governance: ApprovalMode must be Inline or Native.", nameof(configure));
        }

        if (!Enum.IsDefined(options.HostedTools))
        {
            throw new ArgumentException("Governance: HostedTools must be Deny or AllowByPolicy.", nameof(configure));
        }

        if (!Enum.IsDefined(options.Streaming))
        {
            throw new ArgumentException("Governance: Streaming must be Buffer, Window or Observe.", nameof(configure));
        }

        return options.MaxBufferedUpdates is < 1 or > 10_000_000
            ? throw new ArgumentException("Governance: MaxBufferedUpdates must be between 1 and 10,000,000.", nameof(configure))
            : options;
    }
}
