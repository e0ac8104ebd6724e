namespace Agt.Policy.Compilation;

/// <summary>What an <see cref="Instruction"/> does.</summary>
internal enum Operation : byte
{
    /// <summary>The field is a boolean that is true.</summary>
    Holds,

    /// <summary>The field is there and not null.</summary>
    Has,

    /// <summary>The field equals a text.</summary>
    EqualText,

    /// <summary>The field equals a boolean.</summary>
    EqualBoolean,

    /// <summary>The field equals a whole number.</summary>
    EqualWhole,

    /// <summary>The field compares with a whole number.</summary>
    CompareWhole,

    /// <summary>The field compares with a double.</summary>
    CompareReal,

    /// <summary>The field compares with a text.</summary>
    CompareText,

    /// <summary>The field is one of a set of literals.</summary>
    InSet,

    /// <summary>The field contains a text.</summary>
    ContainsText,

    /// <summary>The field begins with a text.</summary>
    StartsWithText,

    /// <summary>The field ends with a text.</summary>
    EndsWithText,

    /// <summary>A regex is found in the field.</summary>
    Matches,

    /// <summary>The field fits a glob.</summary>
    Like,

    /// <summary>The session has a label.</summary>
    HasLabel,

    /// <summary>Any other test, walked as a tree.</summary>
    Walk,

    /// <summary>A rule denies; the evaluation ends.</summary>
    Deny,

    /// <summary>A rule cannot be evaluated whatever the action; the evaluation ends.</summary>
    Fail,

    /// <summary>A rate limit must admit the call.</summary>
    Admit,

    /// <summary>A rule contributes; go on at the target.</summary>
    Contribute,

    /// <summary>Nothing more can change the outcome if any rule has matched.</summary>
    EndIfMatched,

    /// <summary>The evaluation ends.</summary>
    End,
}
