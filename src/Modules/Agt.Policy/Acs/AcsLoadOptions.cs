namespace Agt.Policy.Acs;

/// <summary>How manifests are read. Immutable.</summary>
public sealed record AcsLoadOptions
{
    /// <summary>The defaults.</summary>
    public static AcsLoadOptions Default { get; } = new();

    /// <summary>The bounds.</summary>
    public AcsLimits Limits { get; init; } = AcsLimits.Default;

    /// <summary>Whether manifests may be fetched from the addresses that <c>extends</c> names. Default true; an address without a digest is a warning, since who serves it can change what is allowed.</summary>
    public bool AllowUrls { get; init; } = true;

    /// <summary>Answers in place of the network.</summary>
    internal HttpMessageHandler? Handler { get; init; }
}
