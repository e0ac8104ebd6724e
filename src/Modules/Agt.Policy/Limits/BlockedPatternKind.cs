namespace Agt.Policy.Limits;

/// <summary>How a <see cref="BlockedPattern"/> is looked for, never minding case (spec 01, 5.3).</summary>
public enum BlockedPatternKind
{
    /// <summary>The text occurs somewhere.</summary>
    Substring,

    /// <summary>A regular expression, matched in linear time, finds something.</summary>
    Regex,

    /// <summary>The whole text fits: <c>*</c> any run of characters, <c>?</c> one, <c>[seq]</c> and <c>[!seq]</c> one of a set.</summary>
    Glob,
}
