namespace Agt.Policy.Capabilities;

/// <summary>Lists of tools: one that is denied is denied, whatever else is said; of the others those that are allowed are (spec 01, POL-198). Immutable and thread-safe.</summary>
public sealed class ToolGuard
{
    private readonly HashSet<string>? _allowed;
    private readonly HashSet<string> _denied;

    /// <summary>Creates a guard.</summary>
    /// <param name="allowed">The tools that may be called; null for all, empty for none.</param>
    /// <param name="denied">The tools that may not; null or empty for none.</param>
    public ToolGuard(IEnumerable<string>? allowed = null, IEnumerable<string>? denied = null)
    {
        _allowed = allowed?.ToHashSet(StringComparer.Ordinal);
        _denied = denied?.ToHashSet(StringComparer.Ordinal) ?? [];
    }

    /// <summary>Whether a tool may be called.</summary>
    public bool Allows(string tool) => !_denied.Contains(tool) && (_allowed is null || _allowed.Contains(tool));
}
