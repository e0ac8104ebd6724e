using System.Globalization;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Engine;

/// <summary>Holds what a caller says about an action against the obligations of a framework. Pure.</summary>
internal static class ContextRules
{
    /// <summary>What a value of a context is as text; null for nothing.</summary>
    /// <exception cref="ArgumentException">It is neither text, nor a number, nor true or false.</exception>
    internal static string? Text(string name, object? value) => value switch
    {
        null => null,
        string text => text.Trim(),
        bool flag => flag ? "true" : "false",
        IFormattable number and (sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal) => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"The context has '{name}' as a {value.GetType().Name}; it holds text, numbers, true and false."),
    };

    /// <summary>Whether an action breaks an obligation: everything of <c>when</c> is so, and nothing of <c>unless</c>.</summary>
    internal static bool IsBroken(Obligation obligation, IReadOnlyDictionary<string, string> context)
    {
        // An obligation without a condition would be broken by everything.
        return obligation.When.Count > 0
            && obligation.When.All(condition => Is(context.GetValueOrDefault(condition.Name), condition.Values))
            && !obligation.Unless.Any(excuse => Is(context.GetValueOrDefault(excuse.Name), excuse.Values));
    }

    /// <summary>Whether something was said and is not a way to say no.</summary>
    internal static bool IsTruthy(string? value) => !string.IsNullOrEmpty(value) && value.ToUpperInvariant() is not ("FALSE" or "NO" or "OFF" or "NONE" or "NULL" or "0");

    private static bool Is(string? value, IReadOnlyList<string> values)
    {
        foreach (string wanted in values)
        {
            if (wanted == "true" ? IsTruthy(value) : string.Equals(wanted, value, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
