using System.Globalization;

namespace Agt.Policy.Limits;

/// <summary>How much of one budget has been used (spec 01, POL-215).</summary>
/// <param name="Name">What is counted, such as <c>tokens</c>.</param>
/// <param name="Used">How much has been used; 0 or more.</param>
/// <param name="Max">How much may be used; null for no bound.</param>
public readonly record struct BudgetUse(string Name, decimal Used, decimal? Max)
{
    /// <summary>Whether more has been used than may be. What is used up to its bound is not exceeded.</summary>
    public bool IsExceeded => Used > Max;

    /// <summary>The part that has been used, to three decimals, 1 for all of it; null where there is no bound. Of a budget of nothing all is used.</summary>
    public decimal? Utilization => Max switch
    {
        null => null,
        <= 0 => 1,
        { } most => Math.Round(Used / most, 3, MidpointRounding.ToEven),
    };

    /// <summary><c>tokens: 1501/1500</c>, or <c>tokens: 1501</c> where there is no bound.</summary>
    public override string ToString() => Max is { } most
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}: {Plain(Used)}/{Plain(most)}")
        : string.Create(CultureInfo.InvariantCulture, $"{Name}: {Plain(Used)}");

    /// <summary>1500 and 1500.0 are the same number.</summary>
    private static decimal Plain(decimal value) => value / 1.000000000000000000000000000000000m;
}
