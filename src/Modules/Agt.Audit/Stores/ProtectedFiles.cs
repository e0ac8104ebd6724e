namespace Agt.Audit.Stores;

/// <summary>Files and directories that only their owner can read (mode 0600 and 0700), replaced as a whole and durably.</summary>
internal static class ProtectedFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Directory700 = FileMode600 | UnixFileMode.UserExecute;

    /// <summary>Makes a directory and its parents; one that is there is closed to others.</summary>
    internal static void EnsureDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, Directory700);
        if (File.GetUnixFileMode(path) != Directory700)
        {
            File.SetUnixFileMode(path, Directory700);
        }
    }

    /// <summary>Opens a file; one that is there is closed to others.</summary>
    internal static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is FileMode.Create or FileMode.CreateNew or FileMode.OpenOrCreate)
        {
            options.UnixCreateMode = FileMode600;
        }

        var stream = new FileStream(path, options);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle) != FileMode600)
        {
            File.SetUnixFileMode(stream.SafeFileHandle, FileMode600);
        }

        return stream;
    }

    /// <summary>Replaces a file: after a power cut there is the old content or the new, whole.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(directory))
        {
            EnsureDirectory(directory);
        }

        string next = path + ".new";
        using (FileStream stream = Open(next, FileMode.Create, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        FlushDirectory(directory);
    }

    /// <summary>Makes the names of new files durable. Where the system has no such call, its file system does it by itself.</summary>
    internal static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            LinuxDirectory.Flush(path);
        }
    }
}
