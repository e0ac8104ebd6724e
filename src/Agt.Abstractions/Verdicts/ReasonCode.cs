namespace Agt;

/// <summary>
/// Why a verdict was given: a stable code for machines, and the only text that models and users may see.
/// The reserved ones are in <see cref="ReasonCodes"/>; your own carries a prefix and a colon, such as <c>contoso:quota</c>.
/// </summary>
public sealed class ReasonCode
{
    private static readonly System.Buffers.SearchValues<char> Permitted =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-:");

    /// <summary>Defines a code of your own.</summary>
    /// <param name="code">Lower-case letters, digits, <c>_ . -</c>, with a prefix and a colon; at most 96 characters.</param>
    /// <param name="category">The kind of denial.</param>
    /// <param name="publicMessage">What models and users are told. Never put rules, patterns, lists, limits or values here.</param>
    /// <exception cref="ArgumentException">The code is malformed.</exception>
    public ReasonCode(string code, DenialCategory category, string publicMessage)
        : this(code, category, publicMessage, reserved: false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        int colon = code.IndexOf(':', StringComparison.Ordinal);
        if (code.Length > 96 || colon <= 0 || colon == code.Length - 1 || code.AsSpan().ContainsAnyExcept(Permitted))
        {
            throw new ArgumentException("A reason code of your own looks like 'prefix:name': lower-case letters, digits, '_', '.', '-'; at most 96 characters.", nameof(code));
        }
    }

    private ReasonCode(string code, DenialCategory category, string publicMessage, bool reserved)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(publicMessage);
        Code = code;
        Category = category;
        PublicMessage = publicMessage;
        IsReserved = reserved;
    }

    /// <summary>The code.</summary>
    public string Code { get; }

    /// <summary>The kind of denial.</summary>
    public DenialCategory Category { get; }

    /// <summary>What models and users are told.</summary>
    public string PublicMessage { get; }

    /// <summary>Whether it is one of <see cref="ReasonCodes"/>.</summary>
    public bool IsReserved { get; }

    /// <inheritdoc />
    public override string ToString() => Code;

    internal static ReasonCode Reserve(string code, DenialCategory category, string publicMessage) => new(code, category, publicMessage, reserved: true);
}
