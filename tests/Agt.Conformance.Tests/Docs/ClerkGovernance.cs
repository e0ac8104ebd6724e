using System.Collections.Concurrent;
using System.Text.Json;
using Agt.Adapters;
using Agt.Tools;
using Agt.Values;

namespace Agt.Conformance.Tests.Docs;

/// <summary>The adapter.</summary>
public sealed class ClerkGovernance(IGovernance governance, Principal principal)
{
    private readonly ConcurrentDictionary<string, ActionTemplate> _templates = new(StringComparer.Ordinal);

    public static AdapterDescriptor Descriptor { get; } = new()
    {
        Name = "clerk", Framework = "Clerk", PackageId = "Clerk", MinVersion = "1.0.0", TestedVersions = ["1.0.0"],
        Points = [InterventionPoint.PreToolCall, InterventionPoint.PostToolCall],
        Capabilities = AdapterCapabilities.BlockTool | AdapterCapabilities.RewriteArguments | AdapterCapabilities.RewriteResult
            | AdapterCapabilities.ParallelCalls | AdapterCapabilities.InlineApproval | AdapterCapabilities.Cancel,
        KnownBypasses = [new("hook-replaced", "Host code can set another hook.", "Set the hook once, where the clerk is made, and hand out the clerk alone.")],
    };

    public void Attach(Clerk clerk) => clerk.Hook = RunAsync;

    private async Task<string> RunAsync(string name, IReadOnlyDictionary<string, object?> arguments, Skill skill, CancellationToken cancellationToken)
    {
        // 1. Where, who, which tool. Made once a tool: what policies work out about it is kept with it.
        ActionTemplate template = _templates.GetOrAdd(name, id => new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity(
            id, contentHash: ToolContent.Compute(id, null, default, default, ToolContent.OfMethod(skill.Method) + id)), "clerk"));

        // 2. The session: the one around this call, or one for this call alone. That the agent may not start at all is an exception.
        await using SessionLease lease = await governance.AcquireSessionAsync(principal, cancellationToken);

        // 3. Freeze, decide, run from what was frozen, decide on the result, record. The effect runs at most once, and only if it may.
        GovernedResult<string> result = await governance.InvokeAsync(
            Freeze(template, lease.Session, arguments),
            skill,
            static (skill, operation, token) => new ValueTask<string>(skill(Thaw(operation.Payload), token)),
            TextResult.Instance,
            cancellationToken);

        // 4. A denial is a value. This framework has callers that read exceptions; one whose model reads results would return the text.
        return result.IsAllowed ? result.Value! : throw new GovernanceDeniedException(result.Decision, result.DecisionId);
    }

    private GovernedAction Freeze(ActionTemplate template, GovernanceSession session, IReadOnlyDictionary<string, object?> arguments)
    {
        ValueArena arena = governance.RentArena();
        try
        {
            arena.BeginMap();
            foreach ((string name, object? value) in arguments)
            {
                arena.Name(name);
                arena.WriteObject(value);
            }

            return new GovernedAction(template, session, arena.End(), arena, parent: GovernanceScope.Action);
        }
        catch (PayloadException unreadable)
        {
            // Nobody can decide on what nobody can read: the action is denied, and recorded.
            return new GovernedAction(template, session, default, arena, parent: GovernanceScope.Action, refusal: unreadable.Reason);
        }
    }

    /// <summary>Skills of this framework take JSON, so every frozen value has a form that they take.</summary>
    private static Dictionary<string, object?> Thaw(GovernedValue payload) => Enumerable.Range(0, payload.Count).Select(payload.MemberAt)
        .ToDictionary(member => member.Name, member => (object?)JsonElement.Parse(member.Value.NumberText() ?? CanonicalJson.ToString(member.Value)));

    private sealed class TextResult : ResultCodec
    {
        internal static TextResult Instance { get; } = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.From((string?)result);

        public override object? Replace(object? original, GovernedValue value) => value.AsString() ?? CanonicalJson.ToString(value);
    }
}
