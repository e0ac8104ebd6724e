namespace Agt.Conformance;

/// <summary>How the suite runs.</summary>
public sealed record ConformanceOptions
{
    /// <summary>The defaults.</summary>
    public static ConformanceOptions Default { get; } = new();

    /// <summary>How often the checks that depend on timing (ADP-C30 to ADP-C36) are repeated, 1 or more. Default 100.</summary>
    public int Repeats { get; init; } = 100;

    /// <summary>How long one run of one check may take; what hangs, fails. Default 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
