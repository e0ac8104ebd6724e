namespace Agt.Policy.Acs;

/// <summary>How much of a stream is kept back for evaluation (spec 01, POL-431). Immutable.</summary>
/// <param name="MaxBytes">The most bytes. Default 8,388,608.</param>
/// <param name="MaxEvents">The most events. Default 10,000.</param>
public sealed record AcsStreamLimits(int MaxBytes = 8_388_608, int MaxEvents = 10_000);
