namespace Agt.Policy.Limits;

/// <summary>Two versions of a policy side by side (POL-158).</summary>
/// <param name="OldVersion">The version of the first.</param>
/// <param name="NewVersion">The version of the second.</param>
/// <param name="VersionsDiffer">Whether they call themselves different versions. That policies differ and versions do not is a mistake of their author.</param>
/// <param name="Changes">The fields that differ.</param>
public sealed record GovernancePolicyVersions(string OldVersion, string NewVersion, bool VersionsDiffer, IReadOnlyList<GovernancePolicyChange> Changes);
