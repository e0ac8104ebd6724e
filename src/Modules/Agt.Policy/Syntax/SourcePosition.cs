namespace Agt.Policy;

/// <summary>A place in a policy file.</summary>
/// <param name="Line">The line, from 1; 0 when the whole file is meant.</param>
/// <param name="Column">The column in characters, from 1; 0 when the whole file is meant.</param>
public readonly record struct SourcePosition(int Line, int Column)
{
    /// <summary><c>line,column</c>.</summary>
    public override string ToString() => $"{Line},{Column}";
}
