namespace Agt.Values;

/// <summary>What a <see cref="GovernedValue"/> holds.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the JSON and policy languages' own types.")]
public enum ValueKind : byte
{
    /// <summary>Nothing was there; not the same as <see cref="Null"/>.</summary>
    Absent,

    /// <summary>An explicit null.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A whole number of 64 bits, written without fraction or exponent.</summary>
    Integer,

    /// <summary>An IEEE 754 double; never NaN or an infinity.</summary>
    Double,

    /// <summary>A number that neither of the other two keeps exactly: its text is kept (see <see cref="GovernedValue.NumberText"/>).</summary>
    Exact,

    /// <summary>Text (UTF-16).</summary>
    String,

    /// <summary>An ordered list.</summary>
    List,

    /// <summary>Members by name; names are unique.</summary>
    Map,

    /// <summary>Unique items in canonical order (used by Rego).</summary>
    Set,
}
