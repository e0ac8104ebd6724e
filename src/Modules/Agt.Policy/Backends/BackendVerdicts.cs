using System.Globalization;

namespace Agt.Policy.Backends;

/// <summary>Asks an engine, within its time, and makes a verdict of what it says (POL-262, 263).</summary>
internal sealed class BackendVerdicts(IPolicyBackend backend, TimeSpan time, TimeProvider clock)
{
    private static readonly ReasonCode Denied = new("policy:backend_denied", DenialCategory.RuleDenied, "Denied by governance policy.");
    private static readonly ReasonCode Failed = new("policy:backend_failed", DenialCategory.PolicyError, "Policy evaluation error.");
    private static readonly ReasonCode Said = new("policy:backend", DenialCategory.RuleDenied, "Denied by governance policy.");

    internal string Policy { get; } = "external:" + backend.Name;

    /// <summary>The verdict; null where the engine has no opinion.</summary>
    internal async ValueTask<Verdict?> AskAsync(OperationContext context, bool isAfter, CancellationToken cancellationToken)
    {
        long began = clock.GetTimestamp();
        PolicyBackendResult result;
        using var limited = new CancellationTokenSource(time, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limited.Token);
        try
        {
            ValueTask<PolicyBackendResult> answer = backend.EvaluateAsync(new PolicyBackendRequest(context, isAfter), both.Token);
            result = answer.IsCompletedSuccessfully ? answer.Result : await answer.AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            return Deny(Failed, $"It took longer than {time}.", null, began);
        }
#pragma warning disable CA1031 // Whatever an engine throws is a deny.
        catch (Exception exception)
        {
            return Deny(Failed, exception.Message, null, began);
        }
#pragma warning restore CA1031

        return result switch
        {
            null => Deny(Failed, "It answered nothing.", null, began),
            { Error: { } error } => Deny(Failed, error, result, began),
            { HasOpinion: false } => null,
            { Allowed: false } => Deny(Denied, result.Reason, result, began),
            _ => Permit(result, began),
        };
    }

    internal Verdict NoOpinion() => Verdict.Deny(Denied, Policy + " has no opinion.");

    private Verdict Permit(PolicyBackendResult result, long began)
    {
        if (!Enum.IsDefined(result.Effect) || (result.Effect == PolicyBackendEffect.Transform) != (result.Patches.Count > 0))
        {
            return Deny(Failed, "It answered with an effect and changes that do not fit each other.", result, began);
        }

        return result.Effect switch
        {
            PolicyBackendEffect.RequireApproval => new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, result.Reason, result, began)),
            PolicyBackendEffect.Warn => new Verdict(VerdictOutcome.Warn, Detail(Said, result.Reason, result, began)),
            _ => new Verdict(VerdictOutcome.Allow, Detail(Said, result.Reason, result, began)),
        };
    }

    private Verdict Deny(ReasonCode code, string? reason, PolicyBackendResult? result, long began) => new(VerdictOutcome.Deny, Detail(code, reason, result, began));

    private VerdictDetail Detail(ReasonCode code, string? reason, PolicyBackendResult? result, long began) => new(code)
    {
        Policy = Policy,
        Rule = result is { DeterminingPolicies.Count: > 0 } ? string.Join(", ", result.DeterminingPolicies) : null,
        PolicyDigest = result?.PolicyDigest ?? default,
        PublicMessage = result?.PublicMessage,
        Patches = result?.Patches ?? [],
        Approvers = result?.Approvers ?? [],
        Explanation = string.Create(CultureInfo.InvariantCulture, $"{reason ?? "decided"} (backend {backend.Name}, {clock.GetElapsedTime(began).TotalMilliseconds:0.###} ms{(result?.Query is { } query ? ", query " + query : string.Empty)})"),
    };
}
