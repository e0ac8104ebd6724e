namespace Agt.Policy.Classification;

/// <summary>How closely data is held, from low to high (spec 01, POL-242). In files and facts: the names in upper case, <c>TOP_SECRET</c> with an underscore.</summary>
public enum DataClass
{
    /// <summary>Anyone may see it.</summary>
    Public = 0,

    /// <summary>For the organisation.</summary>
    Internal = 1,

    /// <summary>For those who need it; personal and payment data.</summary>
    Confidential = 2,

    /// <summary>For named people; health data.</summary>
    Restricted = 3,

    /// <summary>The most closely held.</summary>
    TopSecret = 4,
}
