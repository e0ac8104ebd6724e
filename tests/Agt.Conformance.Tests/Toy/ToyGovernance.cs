using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Agt.Adapters;
using Agt.Tools;
using Agt.Values;

namespace Agt.Conformance.Tests.Toy;

/// <summary>The adapter: every hook describes what is about to happen, asks, and does what it is told.</summary>
public sealed class ToyGovernance(IGovernance governance, Principal principal, bool stopOnDeny = false) : IToyMiddleware
{
    private readonly ConcurrentDictionary<ToyFunction, ActionTemplate> _tools = new();
    private readonly ActionTemplate _chat = new(InterventionPoint.PreModelCall, "chat", principal, null, "toy");

    public static AdapterDescriptor Descriptor { get; } = new()
    {
        Name = "toy", Framework = "Toy", PackageId = "Toy", MinVersion = "1.0.0", TestedVersions = ["1.0.0"],
        Points = [InterventionPoint.PreToolCall, InterventionPoint.PostToolCall, InterventionPoint.PreModelCall, InterventionPoint.PostModelCall],
        Capabilities = AdapterCapabilities.RewriteArguments | AdapterCapabilities.RewriteResult | AdapterCapabilities.BlockTool | AdapterCapabilities.BlockModel | AdapterCapabilities.Terminate
            | AdapterCapabilities.Stream | AdapterCapabilities.ParallelCalls | AdapterCapabilities.InlineApproval | AdapterCapabilities.Cancel,
        KnownBypasses = [new("bare-agent", "An agent that is built without the middleware is not governed.", "Build agents in one place, with the middleware.")],
    };

    public async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        ActionTemplate template = _tools.GetOrAdd(call.Function, function => new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity(
            function.Name, contentHash: ToolContent.Compute(function.Name, null, default, default, ToolContent.OfMethod(function.Body.Method) + function.Name)), "toy"));
        (string? text, string? denied) = await RoundAsync(
            template, call.Id, arena => ToyValues.Write(arena, call.Arguments),
            (payload, token) => next(call with { Arguments = ToyValues.Arguments(payload, call.Function) }, token), ToyValues.Text, cancellationToken);
        call.Stop.IsSet |= denied is not null && stopOnDeny;
        return denied ?? text!;
    }

    public async Task<ToyReply> ModelAsync(IReadOnlyList<ToyMessage> messages, ToyModelNext next, CancellationToken cancellationToken)
    {
        (ToyReply? reply, string? denied) = await RoundAsync(_chat, null, arena => ToyValues.Write(arena, messages), async (payload, token) =>
        {
            ToyReply answer = await next(ToyValues.Messages(payload, messages), token);
            GovernanceScope.Session?.ReportTokens(answer.Tokens);
            return answer;
        }, ToyValues.Reply, cancellationToken);
        return reply ?? new ToyReply(denied!, [], 0);
    }

    public async IAsyncEnumerable<string> StreamAsync(
        IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, ToyStreamNext next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (List<string>? pieces, string? denied) = await RoundAsync(_chat, null, arena => ToyValues.Write(arena, messages), async (payload, token) =>
        {
            // Nothing is let out before all of it is decided on.
            var held = new List<string>();
            await foreach (string piece in next(ToyValues.Messages(payload, messages), calls, token))
            {
                held.Add(held.Count < 10_000 ? piece : throw new PayloadException(ReasonCodes.StreamingUnsupported, "The stream is too long."));
            }

            return held;
        }, ToyValues.Pieces, cancellationToken);
        if (denied is not null)
        {
            calls.Clear();
        }

        foreach (string piece in pieces ?? [denied!])
        {
            yield return piece;
        }
    }

    /// <summary>The whole round: freeze, decide, run from what was frozen, decide on the result.</summary>
    private async Task<(T? Result, string? Denied)> RoundAsync<T>(
        ActionTemplate template, string? callId, Func<ValueArena, GovernedValue> freeze, Func<GovernedValue, CancellationToken, Task<T>> run, ResultCodec codec, CancellationToken cancellationToken)
    {
        SessionLease lease;
        try
        {
            lease = await governance.AcquireSessionAsync(principal, cancellationToken);
        }
        catch (GovernanceDeniedException denied)
        {
            return (default, denied.Message);
        }

        await using (lease)
        {
            GovernedAction action = Action(template, lease.Session, callId, freeze);
            try
            {
                GovernedResult<T> result = await governance.InvokeAsync(
                    action, run, static (run, operation, token) => new ValueTask<T>(run(operation.Payload, token)), codec, cancellationToken);
                return result.IsAllowed ? (result.Value, null) : (default, GovernanceDeniedException.Describe(result.Decision, result.DecisionId));
            }
            catch (PayloadException unfit)
            {
                // What was allowed cannot be carried out: that is a denial of its own, with a record.
                var refused = new GovernedAction(template, lease.Session, default, callId: callId, refusal: unfit.Reason);
                await using GovernedOperation operation = await governance.AuthorizeAsync(refused, CancellationToken.None);
                return (default, GovernanceDeniedException.Describe(operation.Decision, operation.DecisionId));
            }
        }
    }

    private GovernedAction Action(ActionTemplate template, GovernanceSession session, string? callId, Func<ValueArena, GovernedValue> freeze)
    {
        ValueArena arena = governance.RentArena();
        try
        {
            return new GovernedAction(template, session, freeze(arena), arena, callId, GovernanceScope.Action);
        }
        catch (PayloadException unreadable)
        {
            return new GovernedAction(template, session, default, arena, callId, GovernanceScope.Action, unreadable.Reason);
        }
    }
}
