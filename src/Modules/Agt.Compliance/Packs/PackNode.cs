namespace Agt.Compliance.Packs;

/// <summary>A node of a YAML document, with its place: text, a list or a mapping.</summary>
internal sealed class PackNode(int line, int column)
{
    internal int Line { get; } = line;

    internal int Column { get; } = column;

    internal string? Text { get; init; }

    internal List<PackNode>? Items { get; init; }

    internal List<(string Name, PackNode Key, PackNode Value)>? Members { get; init; }
}
