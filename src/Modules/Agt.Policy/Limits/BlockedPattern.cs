namespace Agt.Policy.Limits;

/// <summary>Text that may occur in no input and no argument (spec 01, POL-154). It is checked where it is put into a <see cref="GovernancePolicy"/>.</summary>
/// <param name="Text">The text, expression or glob; 1 to 2,048 characters.</param>
/// <param name="Kind">How it is looked for.</param>
public sealed record BlockedPattern(string Text, BlockedPatternKind Kind = BlockedPatternKind.Substring)
{
    /// <summary>A text that is looked for as it stands.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator BlockedPattern(string text) => FromString(text);

    /// <summary>A text that is looked for as it stands.</summary>
    /// <param name="text">The text.</param>
    public static BlockedPattern FromString(string text) => new(text);
}
