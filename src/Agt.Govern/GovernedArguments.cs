using Agt.Values;

namespace Agt;

/// <summary>
/// The arguments with which a governed function runs: those that were decided on, frozen, with every change that the policy made. Readable while the function runs.
/// </summary>
public readonly struct GovernedArguments : IEquatable<GovernedArguments>
{
    internal GovernedArguments(GovernedValue value) => Value = value;

    /// <summary>All of them, as a map.</summary>
    public GovernedValue Value { get; }

    /// <summary>One argument; absent if there is none of that name.</summary>
    /// <param name="name">Its name.</param>
    public GovernedValue this[string name] => Value.TryGetMember(name, out GovernedValue value) ? value : default;

    /// <summary>A text.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">It is missing, or no text.</exception>
    public string Text(string name) => this[name].AsString() ?? throw Unfit(name, "text");

    /// <summary>A whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">It is missing, or no whole number of 64 bits.</exception>
    public long WholeNumber(string name) => this[name].TryGetInt64(out long value) ? value : throw Unfit(name, "a whole number");

    /// <summary>A number.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">It is missing, or no number.</exception>
    public double Number(string name) =>
        this[name] is { IsNumber: true } value && double.TryParse(value.NumberText(), System.Globalization.CultureInfo.InvariantCulture, out double number) ? number : throw Unfit(name, "a number");

    /// <summary>True or false.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">It is missing, or neither.</exception>
    public bool Boolean(string name) => this[name].TryGetBoolean(out bool value) ? value : throw Unfit(name, "true or false");

    /// <inheritdoc />
    public bool Equals(GovernedArguments other) => Value.Equals(other.Value);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is GovernedArguments other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>Equality of the arguments.</summary>
    public static bool operator ==(GovernedArguments left, GovernedArguments right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GovernedArguments left, GovernedArguments right) => !left.Equals(right);

    private static ArgumentException Unfit(string name, string wanted) => new($"The argument '{name}' is missing, or is not {wanted}.", nameof(name));
}
