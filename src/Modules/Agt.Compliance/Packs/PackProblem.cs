using System.Globalization;

namespace Agt.Compliance.Packs;

/// <summary>What is wrong with a file of data, and how to mend it. Immutable.</summary>
/// <param name="File">The file as the caller named it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">How to mend it.</param>
public sealed record PackProblem(string File, int Line, int Column, string Message, string Fix)
{
    /// <summary><c>file:line:column: what is wrong how to mend it</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message} {Fix}");
}
