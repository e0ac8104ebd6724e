namespace Agt.Policy.Loading;

/// <summary>A file is not even a document.</summary>
internal sealed class DocumentException : Exception
{
    internal DocumentException(string code, SourcePosition position, string message, string fix)
        : base(message)
    {
        Code = code;
        Position = position;
        Fix = fix;
    }

    internal string Code { get; }

    internal SourcePosition Position { get; }

    internal string Fix { get; }
}
