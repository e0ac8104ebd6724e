namespace Agt.Policy.Acs;

/// <summary>The bounds of the Agent Control Specification (spec 01, POL-418). Beyond one the answer is a deny with <see cref="AcsReasons.ResourceLimitExceeded"/>. Immutable.</summary>
public sealed record AcsLimits
{
    /// <summary>The default bounds.</summary>
    public static AcsLimits Default { get; } = new();

    /// <summary>Bounds that bound nothing; what a manifest without limits of its own asks for.</summary>
    internal static AcsLimits None { get; } = new()
    {
        MaxSnapshotBytes = int.MaxValue, MaxDepth = int.MaxValue, MaxAnnotatorsPerPoint = int.MaxValue, MaxAnnotatorOutputBytes = int.MaxValue, MaxPolicyOutputBytes = int.MaxValue,
    };

    /// <summary>The largest snapshot, in bytes of its canonical text; also after a transform. Default 1,048,576.</summary>
    public int MaxSnapshotBytes { get; init; } = 1_048_576;

    /// <summary>The deepest nesting of lists and objects in a snapshot, a policy input, and what annotators and policies answer. At most 128. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>The most annotators at one point. Default 16.</summary>
    public int MaxAnnotatorsPerPoint { get; init; } = 16;

    /// <summary>The largest answer of an annotator, in bytes of its canonical text. Default 262,144.</summary>
    public int MaxAnnotatorOutputBytes { get; init; } = 262_144;

    /// <summary>The largest answer of a policy, in bytes of its canonical text. Default 262,144.</summary>
    public int MaxPolicyOutputBytes { get; init; } = 262_144;

    /// <summary>The longest chain of manifests that extend each other, the first included. Default 16.</summary>
    public int MaxExtendsDepth { get; init; } = 16;

    /// <summary>The largest manifest file, and the largest composed manifest, in bytes. Default 1,048,576.</summary>
    public int MaxManifestBytes { get; init; } = 1_048_576;

    /// <summary>The largest manifest that is fetched from an address, in bytes. Default 1,048,576.</summary>
    public int MaxUrlBytes { get; init; } = 1_048_576;

    /// <summary>How long fetching one manifest may take, redirects included. Default 30 seconds.</summary>
    public TimeSpan UrlTimeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    /// <summary>The most redirects of one fetch; each is checked like the first address. Default 5.</summary>
    public int MaxUrlRedirects { get; init; } = 5;

    /// <summary>How long one annotator may take. Default 30 seconds.</summary>
    public TimeSpan AnnotatorTimeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    /// <summary>How long the policy may take. Default 30 seconds.</summary>
    public TimeSpan PolicyTimeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    /// <summary>Refuses bounds that make no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, the depth above 128, or a time not positive.</exception>
    internal AcsLimits Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSnapshotBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxAnnotatorsPerPoint);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxAnnotatorOutputBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxPolicyOutputBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxExtendsDepth);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxManifestBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxUrlBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxUrlRedirects);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 128);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(UrlTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnnotatorTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PolicyTimeout, TimeSpan.Zero);
        return this;
    }
}
