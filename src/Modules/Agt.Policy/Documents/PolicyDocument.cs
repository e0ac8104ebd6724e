using Agt.Policy.Documents;
using Agt.Policy.InformationFlow;
using Agt.Values;

namespace Agt.Policy;

/// <summary>One policy document (<c>apiVersion: governance.toolkit/v1</c>, or of Agent OS, which has none), read and checked. Immutable; made by <see cref="PolicyLoader"/>.</summary>
public sealed class PolicyDocument
{
    internal PolicyDocument(string name, string source, Digest digest)
    {
        Name = name;
        Source = source;
        Digest = digest;
    }

    /// <summary>Its name, unique in a set.</summary>
    public string Name { get; }

    /// <summary>The file it was read from, or what the caller named the text.</summary>
    public string Source { get; }

    /// <summary>SHA-256 of the file's bytes (POL 5.7).</summary>
    public Digest Digest { get; }

    /// <summary>The key whose signature of the file was checked; null when none was asked for (spec 01, POL-X28).</summary>
    public string? Signer { get; private init; }

    /// <summary>Its own version.</summary>
    public string Version { get; internal init; } = "1.0";

    /// <summary>What it is for.</summary>
    public string? Description { get; internal init; }

    /// <summary>The agents it applies to; empty for all.</summary>
    public IReadOnlyList<string> Agents { get; internal init; } = [];

    /// <summary>For how much it speaks. Does not select actions.</summary>
    public PolicyScope Scope { get; internal init; }

    /// <summary>The form it is written in.</summary>
    public PolicyDocumentKind Kind { get; internal init; }

    /// <summary>Paths below the root of discovery that it is about, as a glob (<c>*</c> crosses <c>/</c>); null for all. Agent OS documents only.</summary>
    public string? PathScope { get; internal init; }

    /// <summary>Whether the documents of the folders above it hold as well (POL-111); default true.</summary>
    public bool Inherits { get; internal init; } = true;

    /// <summary>The files it extends, whose rules are among its own; empty for none.</summary>
    public IReadOnlyList<string> Extends { get; internal init; } = [];

    /// <summary>What holds when no rule matches: true allows.</summary>
    public bool DefaultAllows { get; internal init; }

    /// <summary>The only tools that may be called; null when it names none.</summary>
    public IReadOnlyList<string>? ToolAllowlist { get; internal init; }

    /// <summary>The hosts that may be reached, for the module that guards the network; null when it names none. Not enforced here (POL-012).</summary>
    public IReadOnlyList<string>? NetworkAllowlist { get; internal init; }

    /// <summary>What it says of conversations between agents, for the module that guards them: a JSON value, absent when it says nothing. Not enforced here (POL-012).</summary>
    public GovernedValue ConversationPolicy { get; internal init; }

    /// <summary>What it lets a session use; null for no bound.</summary>
    public SessionLimits? Limits { get; internal init; }

    /// <summary>The attributes of sessions that it declares, with those of the files it extends (POL-240).</summary>
    public IReadOnlyList<SessionAttributeDefinition> SessionAttributes { get; internal init; } = [];

    /// <summary>Whether it says how information may flow, itself or in a file that it extends.</summary>
    public bool HasInformationFlow => InformationFlow.Length > 0;

    /// <summary>How many rules it has.</summary>
    public int RuleCount => Rules.Length;

    /// <summary>Where <see cref="Extends"/> stands in the file.</summary>
    internal SourcePosition ExtendsPosition { get; init; }

    internal PolicyRule[] Rules { get; init; } = [];

    /// <summary>What it says about information flow, with what the files it extends say.</summary>
    internal InformationFlowOptions[] InformationFlow { get; init; } = [];

    /// <summary>Whether it stands in a chain of folders, where the default of the last document holds (POL-117).</summary>
    internal bool IsInChain { get; init; }

    /// <summary>This document with other rules, default and list of tools.</summary>
    internal PolicyDocument With(PolicyRule[] rules, bool defaultAllows, IReadOnlyList<string>? toolAllowlist) => Copy(Name, rules, defaultAllows, toolAllowlist, IsInChain);

    /// <summary>This document as a link of a chain of folders, under the name of its file there.</summary>
    internal PolicyDocument InChain(string name, PolicyRule[] rules) => Copy(name, rules, DefaultAllows, ToolAllowlist, isInChain: true);

    /// <summary>This document, read from a file that a key has signed.</summary>
    internal PolicyDocument SignedBy(string? signer) => signer is null ? this : Copy(Name, Rules, DefaultAllows, ToolAllowlist, IsInChain, signer);

    /// <summary>This document with other rules.</summary>
    internal PolicyDocument WithRules(PolicyRule[] rules) => Copy(Name, rules, DefaultAllows, ToolAllowlist, IsInChain);

    private PolicyDocument Copy(string name, PolicyRule[] rules, bool defaultAllows, IReadOnlyList<string>? toolAllowlist, bool isInChain, string? signer = null) => new(name, Source, Digest)
    {
        Signer = signer ?? Signer,
        Kind = Kind,
        Version = Version,
        Description = Description,
        Agents = Agents,
        Scope = Scope,
        PathScope = PathScope,
        Inherits = Inherits,
        Extends = Extends,
        ExtendsPosition = ExtendsPosition,
        DefaultAllows = defaultAllows,
        ToolAllowlist = toolAllowlist,
        NetworkAllowlist = NetworkAllowlist,
        ConversationPolicy = ConversationPolicy,
        Limits = Limits,
        SessionAttributes = SessionAttributes,
        InformationFlow = InformationFlow,
        Rules = rules,
        IsInChain = isInChain,
    };

    internal bool AppliesTo(string agent)
    {
        if (Agents.Count == 0)
        {
            return true;
        }

        foreach (string listed in Agents)
        {
            if (listed == "*" || listed == agent)
            {
                return true;
            }
        }

        return false;
    }
}
