using System.Globalization;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>How far a result is from the first one of its operation (spec 08, ADP-090). Immutable.</summary>
/// <param name="Score">0 for the same to 1 for nothing in common: 1 minus the ratio of Ratcliff and Obershelp, or for texts over 4,096 characters 1 minus what runs of five characters they share.</param>
/// <param name="Threshold">The threshold of the policy, 0 to 1.</param>
/// <param name="Baseline">SHA-256 of the first result as text.</param>
/// <param name="Current">SHA-256 of this result as text.</param>
public sealed record DriftResult(double Score, double Threshold, Digest Baseline, Digest Current)
{
    /// <summary>Whether the score is over the threshold; one at the threshold is not.</summary>
    public bool IsExceeded => Score > Threshold;

    /// <summary><c>OK</c> or <c>EXCEEDED</c>, with score and threshold.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsExceeded ? "EXCEEDED" : "OK")} (score {Score:0.######}, threshold {Threshold:0.######})");
}
