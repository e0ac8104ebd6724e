namespace Agt;

/// <summary>Names one session. Compared ordinally.</summary>
public sealed record SessionId
{
    /// <summary>Takes a host's own id.</summary>
    /// <exception cref="ArgumentException">Empty, or longer than 256 characters.</exception>
    public SessionId(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 256, nameof(value));
        Value = value;
    }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <inheritdoc />
    public override string ToString() => Value;
}
