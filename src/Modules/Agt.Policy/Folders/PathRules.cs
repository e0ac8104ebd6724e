namespace Agt.Policy.Folders;

/// <summary>How texts name files on a kind of system. Immutable.</summary>
/// <param name="IsWindows">Whether there are drives, and a backslash parts names.</param>
/// <param name="IgnoresCase">Whether two names are one when only the case of letters or their composition tells them apart.</param>
internal sealed record PathRules(bool IsWindows, bool IgnoresCase)
{
    /// <summary>The rules of the system this process runs on.</summary>
    internal static PathRules OfSystem { get; } = new(OperatingSystem.IsWindows(), OperatingSystem.IsWindows() || OperatingSystem.IsMacOS());

    internal StringComparer Comparer => IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Whether this process can tell that two texts differ only in how their letters are composed; without data on cultures it cannot.</summary>
    internal static bool CanCompose { get; } = "e\u0301".Normalize().Length == 1;

    /// <summary>Whether two names are one that differ only in how their letters are composed.</summary>
    internal bool IgnoresComposition => IgnoresCase && !IsWindows;

    /// <summary>One spelling of names that differ only in how their letters are composed, where that is no difference.</summary>
    internal string Compose(string text) => IgnoresComposition ? text.Normalize() : text;

    /// <summary>The names of an absolute path, the drive first where there are drives.</summary>
    internal string[] Names(string path) => (IsWindows ? path.Replace('\\', '/') : path).Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The absolute path of names.</summary>
    internal string Join(List<string> names) => IsWindows ? string.Join('\\', names) + (names.Count == 1 ? "\\" : string.Empty) : "/" + string.Join('/', names);

    /// <summary>Whether a path begins at a root.</summary>
    internal bool IsRooted(string path) => path.StartsWith('/') || (IsWindows && (path.StartsWith('\\') || (path.Length > 1 && path[1] == ':')));
}
