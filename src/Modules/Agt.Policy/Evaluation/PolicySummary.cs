using Agt.Values;

namespace Agt.Policy;

/// <summary>Which document a set holds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its own version.</param>
/// <param name="Digest">The digest of its file.</param>
/// <param name="Rules">How many enabled rules it has.</param>
public sealed record PolicySummary(string Name, string Version, Digest Digest, int Rules);
