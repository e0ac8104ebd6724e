namespace Agt.Policy.Classification;

/// <summary>Names of <see cref="DataClass"/> on the wire.</summary>
public static class DataClasses
{
    private static readonly string[] Names = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED", "TOP_SECRET"];

    /// <summary>The name, for example <c>TOP_SECRET</c>.</summary>
    /// <param name="dataClass">One of the five.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the five.</exception>
    public static string WireName(this DataClass dataClass) => dataClass is >= DataClass.Public and <= DataClass.TopSecret
        ? Names[(int)dataClass]
        : throw new ArgumentOutOfRangeException(nameof(dataClass), dataClass, "There are five classes, from Public to TopSecret.");

    /// <summary>Reads a name, in any case.</summary>
    /// <param name="name">The name; null is none.</param>
    /// <param name="dataClass">The class; <see cref="DataClass.TopSecret"/> when there is no such name.</param>
    public static bool TryParse(string? name, out DataClass dataClass)
    {
        int place = Array.FindIndex(Names, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        dataClass = place < 0 ? DataClass.TopSecret : (DataClass)place;
        return place >= 0;
    }
}
