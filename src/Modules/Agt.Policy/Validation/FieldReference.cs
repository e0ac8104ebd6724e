using Agt.Policy.Syntax;

namespace Agt.Policy.Validation;

/// <summary>A path with its root understood: which field, and which members and items below it.</summary>
internal sealed record FieldReference(Field Field, ConditionPath Path, PathSegment[] Below)
{
    /// <summary>Whether it is fixed for a kind of action.</summary>
    internal bool IsStatic => Field <= Field.ActionType;

    internal ValueType Type => Below.Length > 0 ? ValueType.Any : Field switch
    {
        <= Field.SessionId => ValueType.Text,
        Field.SessionToolCalls or Field.SessionModelCalls or Field.SessionTokens or Field.TrustScore => ValueType.Number,
        Field.SessionAttributeDefinition => ValueType.Text,
        Field.SessionLabels => ValueType.List,
        Field.Verified => ValueType.Boolean,
        _ => ValueType.Any,
    };
}

/// <summary>What is known of a value's type before it is there.</summary>
internal enum ValueType : byte
{
    Any,
    Null,
    Boolean,
    Number,
    Text,
    List,
}
