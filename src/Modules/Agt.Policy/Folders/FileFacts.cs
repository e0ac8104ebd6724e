namespace Agt.Policy.Folders;

/// <summary>Asks the file system of this machine. Thread-safe.</summary>
internal sealed class FileFacts : IFileFacts
{
    private long _version;
    private bool _mayCache;

    public bool MayCache => Volatile.Read(ref _mayCache);

    public long Version => Volatile.Read(ref _version);

    public EntryKind KindOf(string path, out string? target)
    {
        target = null;
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            if (attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                target = new FileInfo(path).LinkTarget;
            }

            return target is not null ? EntryKind.Link : attributes.HasFlag(FileAttributes.Directory) ? EntryKind.Folder : EntryKind.File;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return EntryKind.Missing;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // What cannot be looked at is not judged as if it were not there.
            return EntryKind.Unreadable;
        }
    }

    /// <summary>Says whether changes are noticed from now on.</summary>
    internal void Trust(bool changesAreNoticed)
    {
        Volatile.Write(ref _mayCache, changesAreNoticed);
        Changed();
    }

    /// <summary>Forgets all answers.</summary>
    internal void Changed() => Interlocked.Increment(ref _version);
}
