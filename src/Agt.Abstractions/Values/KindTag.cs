namespace Agt.Values;

/// <summary>Marks, in the reference half of a <see cref="GovernedValue"/>, what the other half means.</summary>
internal sealed class KindTag
{
    internal static readonly KindTag Null = new(ValueKind.Null);
    internal static readonly KindTag Boolean = new(ValueKind.Boolean);
    internal static readonly KindTag Integer = new(ValueKind.Integer);
    internal static readonly KindTag Double = new(ValueKind.Double);

    private KindTag(ValueKind kind) => Kind = kind;

    internal ValueKind Kind { get; }
}
