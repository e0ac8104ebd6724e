namespace Agt.Policy.Compilation;

/// <summary>The elementary tests that conditions consist of. Everything else is made of these with and, or, not.</summary>
internal enum TestKind : byte
{
    /// <summary>A value in the place of a condition: a boolean; absent is false; all else an error.</summary>
    Holds,

    /// <summary>Present and not null.</summary>
    Has,
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary>One of the literals of a set.</summary>
    InSet,

    /// <summary>One of the items of a list that is read.</summary>
    InList,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Like,
}
