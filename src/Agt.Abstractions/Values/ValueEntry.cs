namespace Agt.Values;

/// <summary>One slot of an arena: an item (no name) or a member.</summary>
internal struct ValueEntry
{
    internal string? Name;
    internal GovernedValue Value;

    /// <summary>The immutable object a scalar was captured from, so that the effect gets back exactly what the caller gave.</summary>
    internal object? Source;
}
