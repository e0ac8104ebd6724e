namespace Agt.Policy.Folders;

/// <summary>Finds out to which file a text leads, as the system would: each part in turn, links followed, and <c>..</c> from where a link led (POL-113).</summary>
internal static class FolderPath
{
    private const int MaxLength = 4_096;
    private const int MaxLinks = 40;

    /// <summary>Resolves a path.</summary>
    /// <param name="root">The real path of the root.</param>
    /// <param name="text">The path as a tool call names it.</param>
    /// <param name="relative">Where it leads below the root, with <c>/</c>.</param>
    /// <param name="isFolder">Whether a folder is there.</param>
    /// <returns>Null, or why it leads nowhere that is governed.</returns>
    internal static string? Resolve(string root, string text, out string relative, out bool isFolder)
    {
        relative = string.Empty;
        isFolder = false;
        if (Unclear(text) is { } unclear)
        {
            return unclear;
        }

        try
        {
            string real = Path.IsPathRooted(text) ? Path.GetPathRoot(text)! : root;
            real = Follow(real, Path.IsPathRooted(text) ? text[real.Length..] : text, new int[1]);
            relative = FolderScan.Relative(root, real);
            if (Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith("../", StringComparison.Ordinal))
            {
                return "The path leads outside the root.";
            }

            isFolder = Directory.Exists(real);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return "The path cannot be followed: " + exception.Message;
        }
    }

    /// <summary>What a tool may read in another way than the system does is not guessed at.</summary>
    private static string? Unclear(string text) => text.Length switch
    {
        0 => "The path is empty.",
        > MaxLength => $"The path has more than {MaxLength} characters.",
        _ => text.Contains('\0', StringComparison.Ordinal) ? "The path holds a NUL."
            : text.StartsWith('~') ? "The path begins with ~, which some tools expand."
            : text.Contains("://", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? "The path is an address."
            : Path.DirectorySeparatorChar != '\\' && text.Contains('\\', StringComparison.Ordinal) ? "The path holds a backslash, which is no separator here and is one for some tools."
            : char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) ? "The path begins or ends with a blank, which some tools take away."
            : null,
    };

    private static string Follow(string from, string text, int[] links)
    {
        string real = from;
        foreach (string part in text.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
            {
                continue;
            }

            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Combine(real, part);
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                real = next;
                continue;
            }

            if (++links[0] > MaxLinks)
            {
                throw new IOException("Too many links.");
            }

            real = Path.IsPathRooted(target) ? Follow(Path.GetPathRoot(target)!, target[Path.GetPathRoot(target)!.Length..], links) : Follow(real, target, links);
        }

        return real;
    }
}
