namespace Agt.Policy.Backends;

/// <summary>Engines that are asked in turn where no rule of a document matched (POL-261, <c>fallback</c>): the first that has an opinion and no error decides. Thread-safe.</summary>
internal sealed class BackendFallback(IReadOnlyList<BackendVerdicts> backends)
{
    internal static bool IsDefault(in Verdict verdict) => verdict.Detail?.Reason is { } reason && (reason == ReasonCodes.DefaultAllow || reason == ReasonCodes.DefaultDeny);

    /// <summary>What an engine says, else the default.</summary>
    internal async ValueTask<Verdict> AskAsync(Verdict byDefault, OperationContext context, CancellationToken cancellationToken)
    {
        foreach (BackendVerdicts backend in backends)
        {
            if (await backend.AskAsync(context, false, cancellationToken).ConfigureAwait(false) is { } verdict && verdict.Detail?.Reason.Category != DenialCategory.PolicyError)
            {
                return verdict;
            }
        }

        return byDefault;
    }
}
