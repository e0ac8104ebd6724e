using System.Security.Cryptography;
using System.Text;
using Agt.Values;

namespace Agt.Tools;

/// <summary>
/// Sets the idempotency key of calls to tools that declare an argument for one: worked out from session and call, so that the same call has the same key however often it is tried, and another one has another, whatever
/// the model wrote there. A call without an id of its own is left as it is.
/// </summary>
/// <remarks>Runs last, so that rules see the call as it was asked for first and with its key afterwards. Thread-safe.</remarks>
internal sealed class IdempotencyKeys : IInterceptor
{
    public string Name => "idempotency";

    public InterceptorStage Stage => InterceptorStage.Content;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Point != InterventionPoint.PreToolCall || context.Template.Tool is not { IdempotencyArgument: { } argument } tool || context.Action.CallId is not { Length: > 0 } call || context.Payload.Kind != ValueKind.Map)
        {
            return new ValueTask<Verdict>(Verdict.Allow);
        }

        string key = KeyOf(context.Session.Id.ToString(), tool.Name, call);
        return new ValueTask<Verdict>(context.Payload.TryGetMember(argument, out GovernedValue given) && given.AsString() == key
            ? Verdict.Allow
            : Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args." + argument), GovernedValue.From(key))));
    }

    private static string KeyOf(string session, string tool, string call) =>
        "agt-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{session.Length}:{session}{tool.Length}:{tool}{call}")).AsSpan(0, 16));
}
