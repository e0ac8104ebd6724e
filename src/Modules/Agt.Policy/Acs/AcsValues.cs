using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Builds JSON values, and measures them.</summary>
internal static class AcsValues
{
    /// <summary>Wide enough that the limits of the specification are what refuses.</summary>
    internal static PayloadLimits Wide { get; } = new() { MaxDepth = 256, MaxValues = 1_000_000, MaxCharacters = 4_000_000 };

    internal static GovernedValue EmptyMap { get; } = Map([]);

    internal static ValueArena NewArena() => new(Wide);

    internal static GovernedValue Map(ReadOnlySpan<(string Name, GovernedValue Value)> members) => Map(NewArena(), members);

    internal static GovernedValue Map(ValueArena arena, ReadOnlySpan<(string Name, GovernedValue Value)> members)
    {
        arena.BeginMap();
        foreach ((string name, GovernedValue value) in members)
        {
            arena.Name(name);
            arena.Write(value);
        }

        return arena.End(uniqueNames: true);
    }

    internal static GovernedValue List(ValueArena arena, ReadOnlySpan<GovernedValue> items)
    {
        arena.BeginList();
        foreach (GovernedValue item in items)
        {
            arena.Write(item);
        }

        return arena.End();
    }

    /// <summary>How deep lists and objects nest: 0 for a scalar, 1 for one that holds scalars.</summary>
    internal static bool IsDeeperThan(GovernedValue value, int most)
    {
        if (value.Kind is not (ValueKind.List or ValueKind.Map or ValueKind.Set))
        {
            return false;
        }

        if (most == 0)
        {
            return true;
        }

        for (int i = 0; i < value.Count; i++)
        {
            if (IsDeeperThan(value[i], most - 1))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it, or anything in it, has a member <c>reason</c> that begins like a reserved one.</summary>
    internal static bool HasReservedReason(GovernedValue value)
    {
        if (value.Kind == ValueKind.Map && value.TryGetMember("reason", out GovernedValue reason) && reason.TryGetText(out ReadOnlySpan<char> text)
            && text.StartsWith(AcsReasons.Prefix, StringComparison.Ordinal))
        {
            return true;
        }

        for (int i = 0; i < value.Count; i++)
        {
            if (HasReservedReason(value[i]))
            {
                return true;
            }
        }

        return false;
    }
}
