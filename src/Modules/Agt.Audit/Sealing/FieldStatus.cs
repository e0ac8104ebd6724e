namespace Agt.Audit.Sealing;

/// <summary>What can be said of a member of a record that may have been sealed (spec 09, AUD-605).</summary>
public enum FieldStatus
{
    /// <summary>It stands in the record.</summary>
    Clear,

    /// <summary>It was sealed, and was opened: it is what the record commits to.</summary>
    Disclosed,

    /// <summary>It was sealed, and is not here, or there is no key to open it.</summary>
    Withheld,

    /// <summary>It was sealed, and the key of its subject has been destroyed.</summary>
    Erased,

    /// <summary>Something was opened that is not what the record commits to: it was changed.</summary>
    Mismatch,
}
