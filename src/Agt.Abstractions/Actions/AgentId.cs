using System.Diagnostics.CodeAnalysis;

namespace Agt;

/// <summary>Who acts: letters, digits, <c>_</c> and <c>-</c>, or a DID (W3C DID Core 3.1). Compared ordinally.</summary>
public sealed record AgentId
{
    private const int MaxLength = 256;

    private AgentId(string value) => Value = value;

    /// <summary>The id of a caller that named none.</summary>
    public static AgentId Anonymous { get; } = new("anonymous");

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>Reads an id.</summary>
    /// <exception cref="ArgumentException">Empty, longer than 256 characters, or with other characters (a display name is no id).</exception>
    public static AgentId Parse(string value) => TryParse(value, out AgentId? id)
        ? id
        : throw new ArgumentException("An agent id consists of letters, digits, '_' and '-', or is a DID such as did:mesh:ab12; at most 256 characters.", nameof(value));

    /// <summary>Reads an id, if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out AgentId? id)
    {
        id = value is { Length: > 0 and <= MaxLength } && (IsPlain(value) || IsDid(value)) ? new AgentId(value) : null;
        return id is not null;
    }

    /// <inheritdoc />
    public override string ToString() => Value;

    private static bool IsPlain(string value) => !value.AsSpan().ContainsAnyExcept(Plain);

    private static bool IsDid(string value)
    {
        if (!value.StartsWith("did:", StringComparison.Ordinal))
        {
            return false;
        }

        int end = value.IndexOf(':', 4);
        return end > 4 && end < value.Length - 1 &&
            !value.AsSpan(4, end - 4).ContainsAnyExcept(Method) && !value.AsSpan(end + 1).ContainsAnyExcept(Specific);
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly System.Buffers.SearchValues<char> Method = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly System.Buffers.SearchValues<char> Specific =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:%-");
}
