namespace Agt.Compliance.Evidence;

/// <summary>Records of a log from one index to another, and how many of them belong. All of them where the count is as large as the range.</summary>
/// <param name="First">The first index that belongs.</param>
/// <param name="Last">The last index that belongs.</param>
/// <param name="Count">How many belong.</param>
public readonly record struct IndexRange(long First, long Last, long Count);
