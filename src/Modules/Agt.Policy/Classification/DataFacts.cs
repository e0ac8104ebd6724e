namespace Agt.Policy.Classification;

/// <summary>What is known of data: its class, what it is about, where it may be. Immutable.</summary>
/// <param name="Class">The class.</param>
public sealed record DataFacts(DataClass Class)
{
    /// <summary>What it is about, such as <c>customers</c>; letter case does not matter.</summary>
    public IReadOnlyCollection<string> Categories { get; init; } = [];

    /// <summary>Where it belongs, such as <c>EU</c>; null when that is not known.</summary>
    public string? Geography { get; init; }

    /// <summary>What two sources say of the same data: the higher class, all categories, and the geography of the first if it has one.</summary>
    internal DataFacts With(DataFacts other) => new(Class >= other.Class ? Class : other.Class)
    {
        Categories = other.Categories.Count == 0 ? Categories : Categories.Count == 0 ? other.Categories : [.. Categories.Union(other.Categories, StringComparer.OrdinalIgnoreCase)],
        Geography = Geography ?? other.Geography,
    };
}
