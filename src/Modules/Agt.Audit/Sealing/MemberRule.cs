namespace Agt.Audit.Sealing;

/// <summary>Says what members of the arguments hold, by their place. Immutable and thread-safe.</summary>
/// <param name="Path">
/// Where: names and positions from the arguments downward, each behind a slash, as in <c>/customer/email</c>. <c>*</c> stands for any one, <c>**</c> for any number, so that <c>/**/password</c> is every member
/// <c>password</c>. Case does not matter. 1 to 16 parts, two <c>**</c> at most.
/// </param>
/// <param name="Class">What they hold.</param>
public sealed record MemberRule(string Path, MemberClass Class)
{
    internal const int MaxParts = 16;

    internal string[] Parts { get; } = Path is null || !Path.StartsWith('/') ? [] : [.. Path[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    internal bool IsValid => Parts.Length is > 0 and <= MaxParts && Parts.All(part => part.Length > 0) && Parts.Count(part => part == "**") <= 2 && Enum.IsDefined(Class);

    internal bool Matches(ReadOnlySpan<string> path) => Matches(Parts, path);

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == "**")
            {
                for (int skipped = 0; skipped <= path.Length; skipped++)
                {
                    if (Matches(pattern[1..], path[skipped..]))
                    {
                        return true;
                    }
                }

                return false;
            }

            if (path.IsEmpty || (pattern[0] != "*" && !pattern[0].Equals(path[0], StringComparison.OrdinalIgnoreCase)))
            {
                return false;
            }

            pattern = pattern[1..];
            path = path[1..];
        }

        return path.IsEmpty;
    }
}
