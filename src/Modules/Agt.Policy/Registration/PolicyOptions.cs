using System.ComponentModel.DataAnnotations;

namespace Agt.Policy;

/// <summary>Which policies a host has. Everything is loaded and checked when the host starts.</summary>
public sealed class PolicyOptions
{
    /// <summary>Files and directories, in order. Relative paths are relative to the current directory of the process.</summary>
    public IList<string> Paths { get; } = [];

    /// <summary>Policies given as text, after those of <see cref="Paths"/>.</summary>
    public IList<string> Texts { get; } = [];

    /// <summary>
    /// The root of a folder tree whose folders have policies of their own, in <c>governance.yaml</c> (else <c>governance.yml</c>); null for none. An action about a path is judged by the policies of
    /// the folders from the root down to that of the file, and by those of <see cref="Paths"/> and <see cref="Texts"/>; an action about no path by the latter, or, if there are none, by that of
    /// the root (spec 01, POL-097, POL-110 to POL-121).
    /// </summary>
    /// <remarks>
    /// All files of the tree are read when the policies are loaded. A file that is refused does not stop the host: whatever is done in its folder and below is denied, and
    /// <see cref="PolicyEngine.Diagnostics"/> says why.
    /// </remarks>
    public string? RootDirectory { get; set; }

    /// <summary>
    /// The arguments that are paths, below <see cref="RootDirectory"/> or relative to it: looked for among the arguments of the action, in its member <c>action</c>, and among its facts. When an
    /// action has several paths, the same policies must hold for all. At first <c>path</c>.
    /// </summary>
    public IList<string> PathArguments { get; } = ["path"];

    /// <summary>
    /// Whether actions about the <c>governance.yaml</c> or <c>governance.yml</c> of any folder are denied, by whatever path they are reached: an agent that may write files could write itself a
    /// policy otherwise. Holds in <see cref="PolicyProfile.Strict"/>. Default true.
    /// </summary>
    public bool ProtectPolicyFiles { get; set; } = true;

    /// <summary>How many folders the tree may have, 1 to 10,000,000; beyond that the host does not start. Default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxFolders { get; set; } = 100_000;

    /// <summary>Bounds on policy files, and how they are read.</summary>
    public PolicyLoadOptions Loading { get; set; } = PolicyLoadOptions.Default;

    /// <summary>Whether the policies hold. Default <see cref="PolicyMode.Enforce"/>.</summary>
    public PolicyMode Mode { get; set; }

    /// <summary>Whether a change of a policy file is noticed and loaded, those below <see cref="RootDirectory"/> included. Sessions that have begun keep their policy, unless they asked for live policy. Default false.</summary>
    public bool WatchFiles { get; set; }

    /// <summary>How long the files must have been quiet before they are loaded again. Default 250 ms.</summary>
    public TimeSpan ReloadDebounce { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Which of several rules that match decides; null for that of the profile, which is set in <see cref="Loading"/>.</summary>
    public ConflictStrategy? Strategy { get; set; }

    /// <summary>How many characters one evaluation may scan, 1 or more; see <see cref="PolicyCompileOptions.MaxScannedCharacters"/>. Default 16,777,216.</summary>
    [Range(1, long.MaxValue)]
    public long MaxScannedCharacters { get; set; } = PolicyCompileOptions.Default.MaxScannedCharacters;

    /// <summary>How many windows of rate limits are kept in memory, 1 to 10,000,000. Default 50,000. A key that finds no room is refused.</summary>
    [Range(1, 10_000_000)]
    public int MaxRateLimitKeys { get; set; } = RateLimits.MemoryRateLimitStore.DefaultCapacity;

    internal bool HasPolicies => Paths.Count > 0 || Texts.Count > 0 || RootDirectory is not null;
}
