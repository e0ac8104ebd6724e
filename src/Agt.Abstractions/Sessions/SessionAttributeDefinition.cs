using System.Collections.Immutable;

namespace Agt;

/// <summary>
/// A named value that a session carries, one of an ordered few: <c>sensitivity</c> with <c>public</c>, <c>internal</c>, <c>secret</c>, say. Policies declare it and read it as
/// <c>session.NAME</c> (spec 01, POL-240). Immutable and thread-safe.
/// </summary>
public sealed class SessionAttributeDefinition : IEquatable<SessionAttributeDefinition>
{
    /// <summary>The most values an ordering may have.</summary>
    public const int MaxValues = 64;

    private readonly ImmutableArray<string> _ordering;

    /// <summary>Declares an attribute.</summary>
    /// <param name="name">Letters, digits and underscores, beginning with a letter; at most 64 characters. Not one of the session's own facts: id, labels, model_calls, tokens, tool_calls.</param>
    /// <param name="ordering">Its values from low to high: 1 to <see cref="MaxValues"/>, each once, none blank, at most 256 characters each. Compared by ordinal.</param>
    /// <param name="monotonic">Whether it can only rise.</param>
    /// <param name="initial">The value a session begins with; null for the lowest.</param>
    /// <exception cref="ArgumentException">One of these does not hold.</exception>
    public SessionAttributeDefinition(string name, IEnumerable<string> ordering, bool monotonic = false, string? initial = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(ordering);
        if (name.Length is 0 or > 64 || !char.IsAsciiLetter(name[0]) || !name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            throw new ArgumentException("The name of a session attribute has letters, digits and underscores, begins with a letter, and has at most 64 characters.", nameof(name));
        }

        if (IsReserved(name))
        {
            throw new ArgumentException($"session.{name} is, or is nearly, a fact of every session already.", nameof(name));
        }

        _ordering = [.. ordering];
        if (_ordering.Length is 0 or > MaxValues)
        {
            throw new ArgumentException($"A session attribute has 1 to {MaxValues} values.", nameof(ordering));
        }

        if (_ordering.Any(value => string.IsNullOrWhiteSpace(value) || value.Length > 256))
        {
            throw new ArgumentException("A value of a session attribute is blank or has more than 256 characters.", nameof(ordering));
        }

        if (_ordering.Distinct(StringComparer.Ordinal).Count() != _ordering.Length)
        {
            throw new ArgumentException("A value of a session attribute is listed twice.", nameof(ordering));
        }

        if (initial is not null && !_ordering.Contains(initial))
        {
            throw new ArgumentException("The initial value of a session attribute is not among its values.", nameof(initial));
        }

        Name = name;
        IsMonotonic = monotonic;
        Initial = initial ?? _ordering[0];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its values, from low to high.</summary>
    public IReadOnlyList<string> Ordering => _ordering;

    /// <summary>Whether it can only rise; only a reset by the host takes it back.</summary>
    public bool IsMonotonic { get; }

    /// <summary>The value a session begins with.</summary>
    public string Initial { get; }

    /// <summary>Its highest value.</summary>
    public string Highest => _ordering[^1];

    /// <summary>Where a value stands in <see cref="Ordering"/>; -1 when it is none of them.</summary>
    public int IndexOf(string value) => _ordering.IndexOf(value, 0, _ordering.Length, StringComparer.Ordinal);

    /// <inheritdoc />
    public bool Equals(SessionAttributeDefinition? other) =>
        other is not null && Name == other.Name && IsMonotonic == other.IsMonotonic && Initial == other.Initial && _ordering.AsSpan().SequenceEqual(other._ordering.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SessionAttributeDefinition);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name.GetHashCode(StringComparison.Ordinal), IsMonotonic, _ordering.Length);

    /// <inheritdoc />
    public override string ToString() => $"session.{Name}: {string.Join(" < ", _ordering)}";

    /// <summary>The facts that every session has, also in another case or without underscores: a rule must not read one and mean the other.</summary>
    private static bool IsReserved(string name) => name.Replace("_", string.Empty, StringComparison.Ordinal).ToUpperInvariant() is
        "ID" or "LABELS" or "MODELCALLS" or "TOKENS" or "TOOLCALLS";
}
