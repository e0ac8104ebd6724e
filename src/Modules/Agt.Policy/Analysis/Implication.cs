using Agt.Policy.Compilation;

namespace Agt.Policy.Analysis;

/// <summary>What can be proven of two conditions. Thread-safe.</summary>
internal static class Implication
{
    /// <summary>Whether the condition can hold; true also when that cannot be told.</summary>
    internal static bool CanHold(Condition condition) =>
        NormalForm.Of(condition, true) is not { } alternatives || alternatives.Exists(alternative => Consistency.IsPossible(alternative));

    /// <summary>Whether the condition always holds; false also when that cannot be told.</summary>
    internal static bool AlwaysHolds(Condition condition) =>
        NormalForm.Of(condition, false) is { } alternatives && alternatives.TrueForAll(alternative => !Consistency.IsPossible(alternative));

    /// <summary>Whether the second holds wherever the first does; false also when that cannot be told.</summary>
    internal static bool Implies(Condition first, Condition second)
    {
        if (NormalForm.Of(first, true) is not { } holds || NormalForm.Of(second, false) is not { } fails || (long)holds.Count * fails.Count > 4_096)
        {
            return false;
        }

        foreach (Literal[] one in holds)
        {
            foreach (Literal[] other in fails)
            {
                if (Consistency.IsPossible([.. one, .. other]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether both can hold for one action; true also when that cannot be told.</summary>
    internal static bool CanMeet(Condition first, Condition second) => CanHold(Condition.All(first, second));
}
