namespace Agt.Policy.Limits;

/// <summary>One field that two policies have differently (POL-158).</summary>
/// <param name="Field">Its name as it is written in files.</param>
/// <param name="Old">Its value in the first, as JSON.</param>
/// <param name="New">Its value in the second, as JSON.</param>
public sealed record GovernancePolicyChange(string Field, string Old, string New);
