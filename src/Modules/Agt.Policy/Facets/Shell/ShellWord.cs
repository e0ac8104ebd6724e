namespace Agt.Policy.Facets.Shell;

/// <summary>A word of a command after quotes are removed.</summary>
/// <param name="Text">The text, as far as it stands in the command.</param>
/// <param name="IsFixed">Whether the shell leaves it as it is: no variable, substitution, pattern or brace list in it.</param>
/// <param name="IsQuoted">Whether any of it was in quotes, so that it is no keyword and no assignment.</param>
internal readonly record struct ShellWord(string Text, bool IsFixed, bool IsQuoted);
