namespace Agt.Policy.Folders;

/// <summary>What decisions ask the file system: which folders and links there are. Thread-safe.</summary>
internal interface IFileFacts
{
    /// <summary>Whether changes are noticed, so that an answer may be kept until <see cref="Version"/> changes.</summary>
    bool MayCache { get; }

    /// <summary>Grows with every change that may turn an answer into another one.</summary>
    long Version { get; }

    /// <summary>What stands at a path, links not followed.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="target">Where a link leads, as it is written in it.</param>
    EntryKind KindOf(string path, out string? target);
}
