namespace Agt.Policy.Classification;

/// <summary>Which data some agents may work with, by attributes of the data (spec 01, POL-243). Immutable.</summary>
public sealed record DataAccessPolicy
{
    /// <summary>The highest class that is permitted. Default <see cref="DataClass.Public"/>.</summary>
    public DataClass MaxClass { get; init; } = DataClass.Public;

    /// <summary>If there are any, the class must be one of these as well.</summary>
    public IReadOnlyCollection<DataClass> AllowedClasses { get; init; } = [];

    /// <summary>If there are any, every category of the data must be one of these; letter case does not matter.</summary>
    public IReadOnlyCollection<string> AllowedCategories { get; init; } = [];

    /// <summary>No category of the data may be one of these; letter case does not matter.</summary>
    public IReadOnlyCollection<string> DeniedCategories { get; init; } = [];

    /// <summary>Where the data must belong, when both this and the data say so; null for anywhere. Letter case does not matter.</summary>
    public string? Geography { get; init; }

    /// <summary>With <see cref="Geography"/>: whether data of which nobody said where it belongs is refused. Default false.</summary>
    public bool RequireGeography { get; init; }

    /// <summary>Whether the data is permitted.</summary>
    /// <param name="data">What is known of it.</param>
    /// <returns>Null if it is; else what stands against it, for the record and not for models or users.</returns>
    public string? RefusalOf(DataFacts data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Class > MaxClass)
        {
            return $"The data is {data.Class.WireName()}, and at most {MaxClass.WireName()} is permitted.";
        }

        if (AllowedClasses.Count > 0 && !AllowedClasses.Contains(data.Class))
        {
            return $"The data is {data.Class.WireName()}, which is not among the permitted classes.";
        }

        foreach (string category in data.Categories)
        {
            if (DeniedCategories.Contains(category, StringComparer.OrdinalIgnoreCase))
            {
                return $"The category '{category}' is denied.";
            }

            if (AllowedCategories.Count > 0 && !AllowedCategories.Contains(category, StringComparer.OrdinalIgnoreCase))
            {
                return $"The category '{category}' is not among the permitted ones.";
            }
        }

        return Geography is null || (data.Geography is null && !RequireGeography) || string.Equals(Geography, data.Geography, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"The data belongs to '{data.Geography ?? "nowhere known"}', and '{Geography}' is required.";
    }
}
