using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Adapters.ExtensionsAI.Functions;
using Agt.Adapters.ExtensionsAI.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>What the layers of one governed client share. Immutable and thread-safe.</summary>
internal sealed class ChatGovernor
{
    internal const string Framework = "Microsoft.Extensions.AI";

    internal ChatGovernor(IGovernance governance, ExtensionsAIGovernanceOptions options, TimeProvider clock, ApprovalLedger? approvals)
    {
        Governance = governance;
        Options = options;
        Principal = options.ToPrincipal();
        Tools = new ToolGovernor(governance, Principal, options);
        Freezer = new ObjectFreezer(AIJsonUtilities.DefaultOptions);
        Codec = new ReplyCodec(Freezer);
        Approvals = approvals ?? new ApprovalLedger(Freezer, clock);
    }

    internal IGovernance Governance { get; }

    internal ExtensionsAIGovernanceOptions Options { get; }

    internal Principal Principal { get; }

    internal ToolGovernor Tools { get; }

    internal ObjectFreezer Freezer { get; }

    internal ReplyCodec Codec { get; }

    internal ApprovalLedger Approvals { get; }
}
