namespace Agt.Policy;

/// <summary>
/// Policies by name, to be changed and then put in force as a whole: see <see cref="PolicyEngine.Update"/>, or compile it with <see cref="PolicySet.Compile"/> (spec 01, POL-015).
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class PolicyCatalog
{
    private readonly List<PolicyDocument> _documents = [];
    private readonly Dictionary<string, PolicyDocument?> _changes = new(StringComparer.Ordinal);

    /// <summary>Takes documents.</summary>
    /// <param name="documents">The documents to begin with; of two with one name the later one takes the place of the earlier. Null for none.</param>
    public PolicyCatalog(IEnumerable<PolicyDocument>? documents = null)
    {
        foreach (PolicyDocument document in documents ?? [])
        {
            AddOrReplace(document);
        }

        _changes.Clear();
    }

    /// <summary>The documents, in order.</summary>
    public IReadOnlyList<PolicyDocument> Documents => _documents;

    /// <summary>What was changed since the beginning: the document that has the name now, or null if it was removed.</summary>
    internal IReadOnlyDictionary<string, PolicyDocument?> Changes => _changes;

    /// <summary>Puts a document in the place of the one of its name, or behind all others.</summary>
    /// <param name="document">The document.</param>
    /// <returns>Whether there was one of its name.</returns>
    public bool AddOrReplace(PolicyDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _changes[document.Name] = document;
        int place = PlaceOf(document.Name);
        if (place < 0)
        {
            _documents.Add(document);
            return false;
        }

        _documents[place] = document;
        return true;
    }

    /// <summary>Removes a document.</summary>
    /// <param name="name">Its name, compared exactly.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int place = PlaceOf(name);
        if (place < 0)
        {
            return false;
        }

        _changes[name] = null;
        _documents.RemoveAt(place);
        return true;
    }

    private int PlaceOf(string name) => _documents.FindIndex(document => document.Name == name);
}
