namespace Agt.Policy.Backends;

/// <summary>
/// Another policy engine beside the documents of Agt: a language of its own, or a service (spec 01, POL-260). Implementations are thread-safe, and read their policies in full when they are made: what does not parse
/// is refused then, never half understood (POL-264).
/// </summary>
public interface IPolicyBackend
{
    /// <summary>A stable name; records call it <c>external:NAME</c>.</summary>
    string Name { get; }

    /// <summary>Decides. What throws, takes longer than its time, or has an <see cref="PolicyBackendResult.Error"/> denies (POL-262).</summary>
    /// <param name="request">The action, or its result; valid during the call.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time is over.</param>
    ValueTask<PolicyBackendResult> EvaluateAsync(PolicyBackendRequest request, CancellationToken cancellationToken);
}
