using Agt.Policy.Compilation;

namespace Agt.Policy.InformationFlow;

/// <summary>
/// One set of rules about flow: what a tool does, what is held, and which labels are left. Immutable and thread-safe.
/// </summary>
internal sealed class InformationFlowRules
{
    private readonly InformationFlowOptions _options;
    private readonly PolicyDocument? _policy;

    internal InformationFlowRules(InformationFlowOptions options, string rule, PolicyDocument? policy = null)
    {
        _options = options;
        _policy = policy;
        string explanation = $"The session is labelled {options.PrivateLabel} and {options.UntrustedLabel}, and the tool sends out: what was read could leave at the word of what was taken in.";
        Held = options.Deny
            ? new Verdict(VerdictOutcome.Deny, Detail(Reason, explanation, rule, []))
            : new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, explanation, rule, [.. options.Approvers]));
        Changed = new Verdict(VerdictOutcome.Deny, Detail(Reason, "The session was labelled while the action waited for approval of something else.", rule, []));
    }

    /// <summary>The code of a denial.</summary>
    internal static ReasonCode Reason { get; } = new("policy:information_flow", DenialCategory.RuleDenied, "Denied by governance policy.");

    /// <summary>What is said of an action that is held.</summary>
    internal Verdict Held { get; }

    /// <summary>What is said of an action that nobody was asked about, when approval was asked for something else.</summary>
    internal Verdict Changed { get; }

    internal bool InputIsUntrusted => _options.InputIsUntrusted;

    internal bool AppliesTo(AgentId agent) => _policy?.AppliesTo(agent.Value) ?? true;

    internal bool HasBoth(GovernedAction action, ToolEffects running, ref bool isPrivate, ref bool isUntrusted)
    {
        IReadOnlySet<string> labels = action.Session.Labels;
        isPrivate = isPrivate || (running & ToolEffects.Reads) != 0 || labels.Contains(_options.PrivateLabel);
        isUntrusted = isUntrusted || (running & ToolEffects.Ingests) != 0 || labels.Contains(_options.UntrustedLabel);
        return isPrivate && isUntrusted;
    }

    /// <summary>What came of an action goes up to whatever called it, also where that runs in a session of its own.</summary>
    internal void Label(GovernedAction action, ToolEffects effects)
    {
        for (GovernedAction? at = action; at is not null; at = at.Parent)
        {
            if ((effects & ToolEffects.Reads) != 0)
            {
                Label(at.Session, _options.PrivateLabel);
            }

            if ((effects & ToolEffects.Ingests) != 0)
            {
                Label(at.Session, _options.UntrustedLabel);
            }
        }
    }

    internal ToolEffects EffectsOf(ToolIdentity? tool)
    {
        string name = tool?.Name ?? string.Empty;
        ToolEffects declared = tool?.Effects ?? ToolEffects.None;
        bool said = declared != ToolEffects.None;
        foreach ((Glob tools, ToolEffects effects, string? source) in _options.Declared)
        {
            if (tools.IsMatch(name) && IsFrom(tool, source))
            {
                declared |= effects;
                said = true;
            }
        }

        declared = said ? declared : _options.UndeclaredTools;
        return _options.Exempt.Exists(exempt => exempt.Tools.IsMatch(name) && IsFrom(tool, exempt.Source)) ? declared & ~ToolEffects.Egress : declared;
    }

    private static bool IsFrom(ToolIdentity? tool, string? source) => source is null || source == tool?.Source;

    private static void Label(GovernanceSession session, string label)
    {
        if (!session.Labels.Contains(label))
        {
            session.AddLabel(label);
        }
    }

    private VerdictDetail Detail(ReasonCode reason, string explanation, string rule, IReadOnlyList<string> approvers) => new(reason)
    {
        Explanation = explanation,
        Rule = rule,
        Policy = _policy?.Name,
        PolicyVersion = _policy?.Version,
        PolicyDigest = _policy?.Digest ?? default,
        PolicySigner = _policy?.Signer,
        Approvers = approvers,
    };
}
