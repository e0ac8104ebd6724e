namespace Agt.Policy.Folders;

/// <summary>Where a path leads, seen from the root of the tree.</summary>
internal enum PathPlace : byte
{
    /// <summary>To the root or below.</summary>
    Inside,

    /// <summary>Out of the tree.</summary>
    Outside,

    /// <summary>Nobody can say: the text is no path, or several.</summary>
    Refused,
}
