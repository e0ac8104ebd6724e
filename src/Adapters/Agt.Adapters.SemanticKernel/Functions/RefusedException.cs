using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>Something was allowed, but cannot be carried out as it was allowed. Never leaves the adapter: it becomes a recorded denial.</summary>
internal sealed class RefusedException(PayloadException cause) : Exception(cause.Message, cause)
{
    internal ReasonCode Reason { get; } = cause.Reason;
}
