using System.Globalization;
using Agt.Policy.Syntax;

namespace Agt.Policy.Compilation;

/// <summary>One step of a path: a member (name), an item (index), or either where the name is all digits.</summary>
/// <param name="Name">The member's name; null for an item only.</param>
/// <param name="Index">The item's index, or -1.</param>
internal readonly record struct FieldStep(string? Name, int Index)
{
    internal static FieldStep Of(PathSegment segment)
    {
        if (segment.Name is not { } name)
        {
            return new FieldStep(null, segment.Index);
        }

        return name.Length is > 0 and <= 9 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? new FieldStep(name, index)
            : new FieldStep(name, -1);
    }
}
