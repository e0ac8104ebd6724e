namespace Agt.Policy.Compilation;

/// <summary>Which orders satisfy a relation: bit 0 less, bit 1 equal, bit 2 greater.</summary>
internal static class OrderMask
{
    internal const byte Less = 1;
    internal const byte Equal = 2;
    internal const byte Greater = 4;

    internal static byte Of(TestKind kind) => kind switch
    {
        TestKind.Less => Less,
        TestKind.LessOrEqual => Less | Equal,
        TestKind.Greater => Greater,
        TestKind.GreaterOrEqual => Greater | Equal,
        _ => Equal,
    };

    /// <summary>The relation with its sides exchanged.</summary>
    internal static TestKind Mirror(TestKind kind) => kind switch
    {
        TestKind.Less => TestKind.Greater,
        TestKind.LessOrEqual => TestKind.GreaterOrEqual,
        TestKind.Greater => TestKind.Less,
        TestKind.GreaterOrEqual => TestKind.LessOrEqual,
        _ => kind,
    };

    /// <summary>The order of two whole numbers.</summary>
    internal static int Order(long left, long right) => left < right ? Less : left == right ? Equal : Greater;

    internal static bool Includes(byte mask, int order) => (mask & (order < 0 ? Less : order == 0 ? Equal : Greater)) != 0;
}
