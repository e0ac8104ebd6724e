using System.Diagnostics.CodeAnalysis;

namespace Agt.Policy.Capabilities;

/// <summary>
/// What may be done to what: <c>action:resource[:part...]</c>, compared part by part and case-sensitively (spec 01, POL-190 to POL-192). <c>*</c> stands for one part, at the end for one
/// or more. Immutable and thread-safe.
/// </summary>
public sealed class Capability : IEquatable<Capability>
{
    /// <summary>Characters of one capability.</summary>
    public const int MaxLength = 512;

    /// <summary>Parts of one capability.</summary>
    public const int MaxParts = 16;

    private readonly string[] _parts;

    private Capability(string text, string[] parts)
    {
        Text = text;
        _parts = parts;
    }

    /// <summary>Everything. It can only be granted by somebody who may administer grants.</summary>
    public static Capability Everything { get; } = new("*", ["*"]);

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>Whether it is <c>*</c> alone.</summary>
    public bool IsEverything => ReferenceEquals(this, Everything);

    /// <summary>Reads a capability.</summary>
    /// <exception cref="FormatException">It has fewer than two parts or more than 16, an empty part, a blank, or a <c>*</c> beside other characters.</exception>
    public static Capability Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out Capability? capability)
            ? capability
            : throw new FormatException("A capability looks like 'action:resource' or 'action:resource:part': 2 to 16 parts without blanks, each a name or *.");
    }

    /// <summary>Reads a capability, if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Capability? capability)
    {
        capability = null;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        string[] parts = text.Split(':');
        if (parts.Length is < 2 or > MaxParts || !Array.TrueForAll(parts, IsPart))
        {
            return false;
        }

        capability = new Capability(text, parts);
        return true;
    }

    /// <summary>
    /// Whether having this is having the other: every part is the same or <c>*</c> here, and this is no longer than the other. A narrower one never covers a broader: not where the other
    /// has <c>*</c> and this a name.
    /// </summary>
    public bool Covers(Capability request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (IsEverything)
        {
            return true;
        }

        if (request.IsEverything || _parts.Length > request._parts.Length)
        {
            return false;
        }

        for (int i = 0; i < _parts.Length; i++)
        {
            if (_parts[i] != "*" && _parts[i] != request._parts[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether something is covered by both: what a denial of this one says about the other.</summary>
    public bool Overlaps(Capability other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsEverything || other.IsEverything)
        {
            return true;
        }

        for (int i = 0; i < Math.Min(_parts.Length, other._parts.Length); i++)
        {
            if (_parts[i] != "*" && other._parts[i] != "*" && _parts[i] != other._parts[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public bool Equals(Capability? other) => other is not null && Text == other.Text;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Capability);

    /// <inheritdoc />
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Text;

    private static bool IsPart(string part) =>
        part.Length > 0 && (part == "*" || !part.Contains('*', StringComparison.Ordinal)) && !part.AsSpan().ContainsAnyInRange('\0', ' ') && !part.Any(char.IsWhiteSpace);
}
