namespace Agt.Compliance.Transparency;

/// <summary>What people must have been told, set by the host: nothing in a request, a prompt or a model's answer changes it.</summary>
public sealed class TransparencyOptions
{
    /// <summary>The level for agents that <see cref="Agents"/> does not name. Default <see cref="DisclosureLevel.Basic"/>.</summary>
    public DisclosureLevel Level { get; set; } = DisclosureLevel.Basic;

    /// <summary>Levels by agent: an id, or a beginning of ids that ends in <c>*</c>. The longest that fits holds.</summary>
    public IDictionary<string, DisclosureLevel> Agents { get; } = new Dictionary<string, DisclosureLevel>(StringComparer.Ordinal);

    /// <summary>Tools that recognise emotions or put people into categories: names, or beginnings that end in <c>*</c>. They need a notice of their own, at every level, also at <see cref="DisclosureLevel.None"/>.</summary>
    public IList<string> EmotionRecognitionTools { get; } = [];

    /// <summary>What an agent's people must have been told.</summary>
    internal DisclosureLevel For(string agent)
    {
        DisclosureLevel level = Level;
        int best = -1;
        foreach ((string name, DisclosureLevel one) in Agents)
        {
            bool exact = name == agent;
            if ((exact || Fits(name, agent)) && (exact ? int.MaxValue : name.Length) > best)
            {
                best = exact ? int.MaxValue : name.Length;
                level = one;
            }
        }

        return level;
    }

    internal static bool Fits(string pattern, string name) => pattern == name || (pattern is [.., '*'] && name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal));
}
