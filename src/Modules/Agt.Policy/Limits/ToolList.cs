namespace Agt.Policy.Limits;

/// <summary>A list of tools: entries and names are both brought to what the tool is called (spec 08, ADP-026). Case does not matter. Immutable.</summary>
internal sealed class ToolList(ToolAliases aliases, IEnumerable<string> entries)
{
    private readonly HashSet<string> _tools = new(entries.Select(entry => MeantBy(aliases, entry)), StringComparer.OrdinalIgnoreCase);

    internal int Count => _tools.Count;

    internal bool Contains(string name) => _tools.Contains(MeantBy(aliases, name));

    /// <summary>The tool that a name means; the name itself if no alias fits.</summary>
    internal static string MeantBy(ToolAliases aliases, string name) => aliases.TryResolve(name, out string? canonical) ? canonical : name;
}
