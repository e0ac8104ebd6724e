namespace Agt.Policy.Compilation;

/// <summary>One step of a path: a member's name and, if it is all digits, an index.</summary>
/// <param name="Name">The text of the step.</param>
/// <param name="Index">The index it may stand for, or -1.</param>
internal readonly record struct PathSegment(string Name, int Index)
{
    internal static PathSegment Of(string text) =>
        text.Length is > 0 and <= 9 && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int index)
            ? new PathSegment(text, index)
            : new PathSegment(text, -1);
}
