using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Evaluates policies of one type for <see cref="AcsRuntime"/>. Implementations are thread-safe, deterministic, and do no I/O when asked.</summary>
public interface IAcsPolicyEngine
{
    /// <summary>Gives the policy's answer, a JSON object with a <c>decision</c>; the runtime checks it. What throws or takes too long denies with <see cref="AcsReasons.PolicyInvocationFailed"/>.</summary>
    /// <param name="invocation">Which policy, and on what.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time is over.</param>
    ValueTask<GovernedValue> EvaluateAsync(AcsPolicyInvocation invocation, CancellationToken cancellationToken);
}
