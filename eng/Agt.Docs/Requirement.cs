namespace Agt.Docs;

/// <summary>One row of <c>docs/requirements/*.tsv</c>.</summary>
/// <param name="Id">The id, for example <c>POL-012</c>.</param>
/// <param name="Level">M (must), S (should) or O (may).</param>
/// <param name="Title">A few words that name the row.</param>
/// <param name="Section">The heading above the row.</param>
/// <param name="Source">File name and line, for messages.</param>
internal sealed record Requirement(string Id, char Level, string Title, string Section, string Source);
