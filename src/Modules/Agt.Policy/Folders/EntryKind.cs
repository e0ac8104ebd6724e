namespace Agt.Policy.Folders;

/// <summary>What stands at a path.</summary>
internal enum EntryKind : byte
{
    /// <summary>Nothing yet.</summary>
    Missing,

    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, to whatever.</summary>
    Link,

    /// <summary>Something that cannot be looked at.</summary>
    Unreadable,
}
