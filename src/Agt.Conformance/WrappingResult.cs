namespace Agt.Conformance;

/// <summary>What an adapter does to an object that it governs.</summary>
/// <param name="Original">The object of the framework.</param>
/// <param name="Wrapped">The same, governed.</param>
/// <param name="WrappedAgain">The governed one, governed again: the same object.</param>
/// <param name="Unwrapped">What the host gets back with its key.</param>
/// <param name="UnwrapsWithoutKey">Whether it can also be had without the key.</param>
/// <param name="Reachable">What the lookup of services and casts on the governed object give of the kinds that could run ungoverned.</param>
public sealed record WrappingResult(object Original, object Wrapped, object WrappedAgain, object? Unwrapped, bool UnwrapsWithoutKey, IReadOnlyList<object> Reachable);
