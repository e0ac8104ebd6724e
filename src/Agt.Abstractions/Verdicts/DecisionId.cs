using System.Globalization;

namespace Agt;

/// <summary>
/// Names one decision of one process: a lane and a counter within it, cheap to make. With the process's run id (in every record) it is unique everywhere.
/// </summary>
/// <param name="Value">Lane in the upper 16 bits, counter in the lower 48. 0 is none.</param>
public readonly record struct DecisionId(ulong Value)
{
    /// <summary>Sixteen lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
