using Agt.Policy.Limits;

namespace Agt.Policy.Gates;

/// <summary>
/// A gate for tool calls that needs no policy language: lists. Decided in this order (spec 01, POL-184): <see cref="MaxCalls"/>, <see cref="DeniedTools"/>,
/// <see cref="DeniedToolPatterns"/>, <see cref="BlockedContent"/>, <see cref="EscalatedTools"/>, <see cref="AllowedTools"/>, allow. Not thread-safe; settled before the first action.
/// </summary>
public sealed class ToolGateOptions
{
    /// <summary>Tool calls that may run in a session; 0 for none, null (the default) for any number.</summary>
    public int? MaxCalls { get; set; }

    /// <summary>Tools that may not be called, by name or alias.</summary>
    public IList<string> DeniedTools { get; } = [];

    /// <summary>Tools that may not be called, by patterns of their names.</summary>
    public IList<BlockedPattern> DeniedToolPatterns { get; } = [];

    /// <summary>Texts that may not occur in arguments.</summary>
    public IList<BlockedPattern> BlockedContent { get; } = [];

    /// <summary>Tools whose calls a person has to approve, by name or alias, whether they are among the allowed ones or not.</summary>
    public IList<string> EscalatedTools { get; } = [];

    /// <summary>Whom to ask; empty for anyone the broker trusts.</summary>
    public IList<string> Approvers { get; } = [];

    /// <summary>The tools that may be called, by name or alias; null (the default) for all others, empty for none.</summary>
    public IList<string>? AllowedTools { get; set; }

    /// <summary>Names that mean the same tool, in lists and in calls. Default <see cref="ToolAliases.Default"/>; <see cref="ToolAliases.None"/> compares names alone. Case never matters.</summary>
    public ToolAliases Aliases { get; set; } = ToolAliases.Default;
}
