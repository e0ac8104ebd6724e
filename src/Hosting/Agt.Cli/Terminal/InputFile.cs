namespace Agt.Cli;

/// <summary>Opens what the user named; <c>-</c> is standard input. Failures become messages that say which file.</summary>
internal static class InputFile
{
    internal static string Name(string path) => path == "-" ? "standard input" : CliHost.Clean(path);

    internal static Stream Open(CliHost host, string path) => path == "-" ? host.Input : Guard(path, () =>
    {
        if (Directory.Exists(path))
        {
            throw new CliException($"{Name(path)}: this is a directory; name a file.");
        }

        return new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
    });

    internal static async Task<byte[]> ReadAllAsync(CliHost host, string path, int most, CancellationToken cancellationToken)
    {
        await using Stream stream = Open(host, path);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (await GuardAsync(path, () => stream.ReadAsync(buffer, cancellationToken)).ConfigureAwait(false) is > 0 and var read)
        {
            if (bytes.Length + read > most)
            {
                throw new CliException($"{Name(path)}: more than {most} bytes; no more are read.");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    internal static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsReading(exception))
        {
            throw Unreadable(path, exception);
        }
    }

    internal static async ValueTask<T> GuardAsync<T>(string path, Func<ValueTask<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsReading(exception))
        {
            throw Unreadable(path, exception);
        }
    }

    /// <summary>Writes a file as a whole: beside it first, then in its place.</summary>
    internal static void Replace(string path, string text) => Guard(path, () =>
    {
        string target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        string beside = target + ".agt-new";
        File.WriteAllText(beside, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(beside, File.GetUnixFileMode(target));
        }

        File.Move(beside, target, overwrite: true);
        return true;
    });

    /// <summary>Writes a file that may be there or not, as a whole.</summary>
    internal static void Write(string path, string text) => Guard(path, () =>
    {
        string beside = path + ".agt-new";
        File.WriteAllText(beside, text);
        File.Move(beside, path, overwrite: true);
        return true;
    });

    /// <summary>Writes a new file; one that is there stays as it is. A secret is readable by its owner alone, from the first byte on.</summary>
    internal static void Create(string path, string text, bool isSecret) => Guard(path, () =>
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, new System.Text.UTF8Encoding(false), options);
        writer.Write(text);
        return true;
    });

    private static bool IsReading(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static CliException Unreadable(string path, Exception exception) => new(exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{Name(path)}: there is no such file.",
        UnauthorizedAccessException => $"{Name(path)}: access is denied.",
        _ => $"{Name(path)}: cannot be read or written: {CliHost.Clean(exception.Message)}",
    });
}
