namespace Agt.Policy.Acs;

/// <summary>The eight points and their names (POL-403).</summary>
internal static class AcsPoints
{
    private static readonly InterventionPoint[] All = Enum.GetValues<InterventionPoint>();

    internal static string[] Names { get; } = [.. All.Select(point => point.WireName())];

    internal static bool TryParse(string name, out InterventionPoint point)
    {
        int index = Array.IndexOf(Names, name);
        point = index < 0 ? default : All[index];
        return index >= 0;
    }

    internal static bool IsTool(InterventionPoint point) => point is InterventionPoint.PreToolCall or InterventionPoint.PostToolCall;
}
