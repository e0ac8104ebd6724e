using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>One node of a policy file, with its place.</summary>
internal sealed class DocumentNode
{
    internal required SourcePosition Position { get; init; }

    /// <summary>A scalar's value; absent for containers.</summary>
    internal GovernedValue Scalar { get; init; }

    /// <summary>At which character of the file a scalar begins; -1 where that is not known.</summary>
    internal int Start { get; init; } = -1;

    internal List<DocumentNode>? Items { get; init; }

    internal List<DocumentMember>? Members { get; init; }

    /// <summary>How many nodes it stands for, itself included.</summary>
    internal int Size { get; set; } = 1;

    internal int Depth { get; set; } = 1;

    internal bool IsText => Scalar.Kind == ValueKind.String;

    internal string? Text => Scalar.AsString();

    /// <summary>The node and all below it as one value.</summary>
    internal GovernedValue ToValue()
    {
        if (Members is null && Items is null)
        {
            return Scalar.Detach();
        }

        var arena = new ValueArena(new PayloadLimits { MaxDepth = 256, MaxValues = 1_000_000, MaxCharacters = 4_000_000 });
        return Write(arena);
    }

    /// <summary>Ending a container inside another one puts it there.</summary>
    private GovernedValue Write(ValueArena arena)
    {
        if (Members is null && Items is null)
        {
            arena.Write(Scalar);
            return Scalar;
        }

        if (Members is not null)
        {
            arena.BeginMap();
            foreach (DocumentMember member in Members)
            {
                arena.Name(member.Name);
                member.Value.Write(arena);
            }

            return arena.End(uniqueNames: true);
        }

        arena.BeginList();
        foreach (DocumentNode item in Items!)
        {
            item.Write(arena);
        }

        return arena.End();
    }

    internal string KindName => Items is not null ? "a list" : Members is not null ? "a map" : Scalar.Kind switch
    {
        ValueKind.String => "text",
        ValueKind.Boolean => "true or false",
        ValueKind.Null => "null",
        _ => "a number",
    };
}

internal readonly record struct DocumentMember(string Name, SourcePosition Position, DocumentNode Value);
