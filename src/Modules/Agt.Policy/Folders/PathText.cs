using System.Buffers;

namespace Agt.Policy.Folders;

/// <summary>
/// Refuses texts that two programs would take for two different files. A path comes from a model, and what a tool makes of it is not known here.
/// </summary>
internal static class PathText
{
    internal const int MaxLength = 4_096;
    internal const int MaxNames = 256;

    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Append(127).Select(c => (char)c)]);
    private static readonly SearchValues<string> Encoded = SearchValues.Create(["%2e", "%2f", "%5c", "%00", "%25"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text can be taken for one path only.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rules">How the system names files.</param>
    /// <param name="strict">False refuses only what is no path at all.</param>
    internal static bool IsPlain(string text, PathRules rules, bool strict)
    {
        if (text.Length > MaxLength || text.Contains('\0') || HasLoneSurrogate(text) || text.AsSpan().Count('/') + text.AsSpan().Count('\\') >= MaxNames)
        {
            return false;
        }

        if ((rules.IsWindows && !IsPlainOnWindows(text)) || (rules.IgnoresComposition && !PathRules.CanCompose && !System.Text.Ascii.IsValid(text)))
        {
            return false;
        }

        return !strict || !(
            text.AsSpan().ContainsAny(Controls)
            || text.AsSpan().ContainsAny(Encoded)
            || text.Contains("://", StringComparison.Ordinal)
            || text.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith('~')
            || (!rules.IsWindows && text.Contains('\\')));
    }

    /// <summary>Refuses devices and shares, streams, paths relative to a drive, and names that Windows shortens or trims.</summary>
    private static bool IsPlainOnWindows(string text)
    {
        string path = text.Replace('\\', '/');
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            return false;
        }

        if (path.StartsWith('/'))
        {
            // The drive would be that of the process.
            return false;
        }

        if (path.Length > 1 && path[1] == ':')
        {
            if (!char.IsAsciiLetter(path[0]) || path.Length < 3 || path[2] != '/')
            {
                return false;
            }

            path = path[2..];
        }

        foreach (string name in path.Split('/'))
        {
            int tilde = name.IndexOf('~', StringComparison.Ordinal);
            if (name.Contains(':', StringComparison.Ordinal)
                || (name is not ("." or "..") && (name.EndsWith('.') || name.EndsWith(' ')))
                || (tilde >= 0 && tilde + 1 < name.Length && char.IsAsciiDigit(name[tilde + 1])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return true;
                }

                i++;
            }
        }

        return false;
    }
}
