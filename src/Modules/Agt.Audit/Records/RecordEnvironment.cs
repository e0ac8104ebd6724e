namespace Agt.Audit.Records;

/// <summary>Where the process runs, as every record says it (spec 09, AUD-114). Immutable.</summary>
internal sealed record RecordEnvironment(string? SandboxId, string? Name, string? ComputeDriver)
{
    /// <summary>Reads the variables that say it, once; empty ones count as absent. What the host sets wins.</summary>
    internal static RecordEnvironment Read(AuditOptions options, Func<string, string?> variable) => new(
        options.SandboxId ?? NonEmpty(variable("SANDBOX_ID")) ?? NonEmpty(variable("OPENSHELL_SANDBOX_ID")),
        options.Environment ?? NonEmpty(variable("AGT_ENVIRONMENT")),
        options.ComputeDriver ?? NonEmpty(variable("OPENSHELL_COMPUTE_DRIVER")));

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
