namespace Agt.Policy.Syntax;

/// <summary>A condition is wrong. <see cref="Offset"/> is where, in characters from the start of its text; -1 for the structured form.</summary>
internal sealed class ConditionException : Exception
{
    internal ConditionException(string code, int offset, string message, string fix)
        : base(message)
    {
        Code = code;
        Offset = offset;
        Fix = fix;
    }

    internal string Code { get; }

    internal int Offset { get; }

    internal string Fix { get; }
}
