namespace Agt.Values;

/// <summary>A member of a map value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Source">The immutable scalar object it was captured from, or null; lets an effect receive the caller's own type.</param>
public readonly record struct ValueMember(string Name, GovernedValue Value, object? Source);
