using System.Globalization;
using System.Runtime.CompilerServices;
using Agt.Policy.Limits;

namespace Agt.Policy.Gates;

/// <summary>Decides by the lists of a <see cref="ToolGateOptions"/>, the first that says something. What is escalated is never allowed by the gate (POL-X13). Thread-safe.</summary>
internal sealed class ToolGateInterceptor : IInterceptor
{
    private static readonly object Counted = new();
    private readonly ConditionalWeakTable<GovernanceSession, CallCounter> _sessions = [];
    private readonly ToolList _denied;
    private readonly ToolList _escalated;
    private readonly ToolList? _allowed;
    private readonly PatternMatcher _toolPatterns;
    private readonly PatternMatcher _content;
    private readonly ToolAliases _aliases;
    private readonly int _maxCalls;
    private readonly Verdict _ask;

    /// <exception cref="ArgumentException">A number is negative, or a pattern cannot be read.</exception>
    internal ToolGateInterceptor(ToolGateOptions options)
    {
        if (options.MaxCalls < 0)
        {
            throw new ArgumentException($"Tool gate: MaxCalls is {options.MaxCalls}, but it must be 0 or more.", nameof(options));
        }

        _maxCalls = options.MaxCalls ?? int.MaxValue;
        _aliases = options.Aliases ?? throw new ArgumentException("Tool gate: Aliases must be set; use ToolAliases.None for none.", nameof(options));
        _denied = new ToolList(_aliases, options.DeniedTools);
        _escalated = new ToolList(_aliases, options.EscalatedTools);
        _allowed = options.AllowedTools is null ? null : new ToolList(_aliases, options.AllowedTools);
        _toolPatterns = new PatternMatcher(options.DeniedToolPatterns);
        _content = new PatternMatcher(options.BlockedContent);
        _ask = new Verdict(
            VerdictOutcome.Escalate,
            new VerdictDetail(ReasonCodes.ApprovalRequired) { Explanation = "Calls of this tool have to be approved.", Rule = "escalated_tools", Approvers = [.. options.Approvers] });
    }

    internal static ReasonCode BlockedTool { get; } = new("policy:blocked_tool", DenialCategory.BlockedTool, "Tool blocked by governance policy.");

    public string Name => "tool-gate";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Point != InterventionPoint.PreToolCall)
        {
            return default;
        }

        CallCounter counter = _sessions.GetOrCreateValue(context.Session);
        bool isCounted = context.GetItem(this) is not null;
        if (!isCounted && counter.Count >= _maxCalls)
        {
            return new(TooMany());
        }

        Verdict verdict = OfLists(context);
        if (verdict.Outcome == VerdictOutcome.Deny || isCounted)
        {
            return new(verdict);
        }

        // Counted last, and only what may run; of many at once the last ones find no room.
        if (!counter.TryAdd(_maxCalls))
        {
            return new(TooMany());
        }

        context.SetItem(this, Counted);
        return new(verdict);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        if (!outcome.Executed && context.GetItem(this) is not null)
        {
            context.SetItem(this, null);
            _sessions.GetOrCreateValue(context.Session).Remove();
        }

        return default;
    }

    /// <summary>The pattern that a tool fits, by its name or by what it is called in lists.</summary>
    private BlockedPattern? Fits(string tool) =>
        _toolPatterns.Matches(tool) is [{ } named, ..] ? named
        : ToolList.MeantBy(_aliases, tool) is { } meant && !ReferenceEquals(meant, tool) && _toolPatterns.Matches(meant) is [{ } other, ..] ? other
        : null;

    private Verdict OfLists(OperationContext context)
    {
        string tool = context.Template.Tool!.Name;
        if (_denied.Contains(tool))
        {
            return Deny(BlockedTool, "denied_tools", "The tool is among the denied ones.");
        }

        if (Fits(tool) is { } named)
        {
            return Deny(BlockedTool, "denied_tool_patterns", $"The name of the tool fits the {named.Kind} '{named.Text}'.");
        }

        if (_content.Matches(context.Payload) is [{ } found, ..])
        {
            return Deny(GovernancePolicyInterceptor.BlockedPattern, "blocked_content", $"The {found.Kind} '{found.Text}' is blocked.");
        }

        return _escalated.Contains(tool) ? _ask : _allowed?.Contains(tool) == false ? Deny(ReasonCodes.ToolNotAllowed, "allowed_tools", "The tool is not among the allowed ones.") : default;
    }

    private Verdict TooMany() => Deny(ReasonCodes.MaxToolCalls, "max_calls", string.Create(CultureInfo.InvariantCulture, $"{_maxCalls} calls have run or are running."));

    private static Verdict Deny(ReasonCode reason, string rule, string explanation) => new(VerdictOutcome.Deny, new VerdictDetail(reason) { Explanation = explanation, Rule = rule });
}
