using Agt.Policy.Signing;

namespace Agt.Policy;

/// <summary>Bounds on policy files (POL-018, POL-060). Beyond them a file is refused.</summary>
public sealed record PolicyLoadOptions
{
    /// <summary>The default bounds.</summary>
    public static PolicyLoadOptions Default { get; } = new();

    /// <summary>Bytes of one file. Default 1,048,576.</summary>
    public int MaxBytes { get; init; } = 1_048_576;

    /// <summary>Nodes of one file, aliases counted as often as they are used. Default 100,000.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>Nesting of one file. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Files of one directory. Default 1,000.</summary>
    public int MaxFiles { get; init; } = 1_000;

    /// <summary>Whose rules of reading hold. <see cref="PolicyProfile.AgentOs10"/> passes over unknown fields with a warning, and lets a document without a default allow. Default <see cref="PolicyProfile.Strict"/>.</summary>
    public PolicyProfile Profile { get; init; }

    /// <summary>
    /// True turns a rule off, with a warning, whose pattern cannot be matched in linear time (lookaround, backreferences, counts that multiply), in place of refusing its document. What such a
    /// rule would have denied is then no longer denied: read the warnings. Default false.
    /// </summary>
    public bool SkipNonLinearPatterns { get; init; }

    /// <summary>In which surroundings the host works: the level of rules with <c>default_level</c> or <c>context_overrides</c> (POL-100). Default <see cref="OperatingContext.CiCd"/>.</summary>
    public OperatingContext OperatingContext { get; init; } = OperatingContext.CiCd;

    /// <summary>Whose signatures of policy files are trusted. A file with a signature beside it (its name and <c>.jws</c>) that does not hold is refused. None: signatures are not looked at. Default none.</summary>
    public IReadOnlyList<PolicySigner> TrustedSigners { get; init; } = [];

    /// <summary>Whether a policy without a signature of one of <see cref="TrustedSigners"/> is refused, also one that another extends, one of a folder, and one given as text (spec 01, POL-X28). Default false.</summary>
    public bool RequireSigned { get; init; }

    /// <summary>Documents of one chain of <c>extends</c>. Default 32.</summary>
    public int MaxExtends { get; init; } = 32;

    /// <summary>Bounds on conditions.</summary>
    public ConditionLimits Conditions { get; init; } = ConditionLimits.Default;
}
