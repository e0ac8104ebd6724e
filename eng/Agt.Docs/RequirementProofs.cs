namespace Agt.Docs;

/// <summary>One <c>[Requirement]</c> on one test.</summary>
/// <param name="Id">The requirement.</param>
/// <param name="Test"><c>Class.Method</c>, or <c>Class.*</c> when the mark is on the class.</param>
/// <param name="Partial">What the test leaves open; null when nothing.</param>
/// <param name="Source">Path and line.</param>
internal sealed record RequirementProof(string Id, string Test, string? Partial, string Source);

/// <summary>All marks found in the tests, by id.</summary>
internal sealed class RequirementProofs
{
    private readonly Dictionary<string, List<RequirementProof>> _byId = new(StringComparer.Ordinal);

    internal RequirementProofs(IEnumerable<RequirementProof> proofs)
    {
        foreach (RequirementProof proof in proofs.OrderBy(p => p.Test, StringComparer.Ordinal).ThenBy(p => p.Source, StringComparer.Ordinal))
        {
            if (!_byId.TryGetValue(proof.Id, out List<RequirementProof>? list))
                _byId[proof.Id] = list = [];
            list.Add(proof);
        }
    }

    internal IReadOnlyList<RequirementProof> For(string id) => _byId.TryGetValue(id, out List<RequirementProof>? list) ? list : [];

    internal IEnumerable<RequirementProof> Unknown(RequirementTable table) =>
        _byId.Where(pair => !table.Contains(pair.Key)).SelectMany(pair => pair.Value);
}
