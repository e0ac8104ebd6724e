using System.ComponentModel.DataAnnotations;

namespace Agt.Policy;

/// <summary>Which policies a host has. Everything is loaded and checked when the host starts.</summary>
public sealed class PolicyOptions
{
    /// <summary>Files and directories, in order. Relative paths are relative to the current directory of the process.</summary>
    public IList<string> Paths { get; } = [];

    /// <summary>Policies given as text, after those of <see cref="Paths"/>.</summary>
    public IList<string> Texts { get; } = [];

    /// <summary>Bounds on policy files.</summary>
    public PolicyLoadOptions Loading { get; set; } = PolicyLoadOptions.Default;

    /// <summary>Whether the policies hold. Default <see cref="PolicyMode.Enforce"/>.</summary>
    public PolicyMode Mode { get; set; }

    /// <summary>Whether a change of a policy file is noticed and loaded. Sessions that have begun keep their policy, unless they asked for live policy. Default false.</summary>
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
}
