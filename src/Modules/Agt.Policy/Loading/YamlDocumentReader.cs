using Agt.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Agt.Policy.Loading;

/// <summary>
/// Reads one YAML 1.2 document (core schema) from the parser's events. No tags, no repeated keys; an alias counts as often as it is used, before it is followed.
/// </summary>
internal sealed class YamlDocumentReader
{
    private const int UsualMembers = 6;

    private readonly Parser _parser;
    private readonly PolicyLoadOptions _options;
    private readonly Dictionary<string, DocumentNode> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlDocumentReader(TextReader text, PolicyLoadOptions options)
    {
        _parser = new Parser(new Scanner(text, skipComments: true));
        _options = options;
    }

    internal static DocumentNode Read(string text, PolicyLoadOptions options)
    {
        using var reader = new StringReader(text);
        var document = new YamlDocumentReader(reader, options);
        try
        {
            return document.Document();
        }
        catch (YamlException exception)
        {
            throw new DocumentException("AGTP010", Place(exception.Start), "The YAML is malformed: " + Reason(exception), "Check indentation, quotes and brackets here.");
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new DocumentException("AGTP010", document.Here(), "The YAML is malformed.", "Check indentation, quotes and brackets here.");
        }
    }

    private DocumentNode Document()
    {
        Move();
        Move();
        if (_parser.Current is StreamEnd or null)
        {
            throw new DocumentException("AGTP011", new SourcePosition(1, 1), "The file is empty.", "Write a policy, beginning with apiVersion: governance.toolkit/v1.");
        }

        Move();
        DocumentNode root = Node(1);
        Move();
        if (_parser.Current is not StreamEnd)
        {
            throw new DocumentException("AGTP012", Here(), "The file holds more than one document.", "Put each policy in a file of its own.");
        }

        return root;
    }

    private DocumentNode Node(int depth)
    {
        ParsingEvent current = _parser.Current ?? throw new DocumentException("AGTP010", new SourcePosition(1, 1), "The YAML ends too early.", "Complete it.");
        if (depth > _options.MaxDepth)
        {
            throw new DocumentException("AGTP013", Here(), $"The file is nested deeper than {_options.MaxDepth} levels.", "Flatten it.");
        }

        if (current is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            throw new DocumentException("AGTP014", Place(tagged.Start), "Tags are not allowed.", "Remove the part that begins with !.");
        }

        switch (current)
        {
            case AnchorAlias alias:
                return Alias(alias, depth);
            case Scalar scalar:
                Count(1);
                DocumentNode leaf = Leaf(scalar);
                Remember(scalar, leaf);
                Move();
                return leaf;
            case SequenceStart sequence:
                return Sequence(sequence, depth);
            case MappingStart mapping:
                return Mapping(mapping, depth);
            default:
                throw new DocumentException("AGTP010", Here(), "The YAML is malformed.", "Check indentation, quotes and brackets here.");
        }
    }

    private DocumentNode Alias(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out DocumentNode? node))
        {
            throw new DocumentException("AGTP015", Place(alias.Start), "An alias names an anchor that is not there, or that it is part of.", "Define the anchor before its alias.");
        }

        Count(node.Size);
        if (depth + node.Depth - 1 > _options.MaxDepth)
        {
            throw new DocumentException("AGTP013", Place(alias.Start), $"The file is nested deeper than {_options.MaxDepth} levels.", "Flatten it.");
        }

        Move();
        return node;
    }

    private DocumentNode Sequence(SequenceStart start, int depth)
    {
        Count(1);
        var node = new DocumentNode { Position = Place(start.Start), Items = [] };
        Move();
        while (_parser.Current is not SequenceEnd)
        {
            DocumentNode item = Node(depth + 1);
            node.Items!.Add(item);
            node.Size += item.Size;
            node.Depth = Math.Max(node.Depth, item.Depth + 1);
        }

        Remember(start, node);
        Move();
        return node;
    }

    private DocumentNode Mapping(MappingStart start, int depth)
    {
        Count(1);
        var node = new DocumentNode { Position = Place(start.Start), Members = new List<DocumentMember>(UsualMembers) };
        Move();
        HashSet<string>? names = null;
        while (_parser.Current is not MappingEnd)
        {
            SourcePosition position = Here();
            if (_parser.Current is not Scalar key)
            {
                throw new DocumentException("AGTP016", position, "A key is not text.", "Write a plain name before the colon.");
            }

            if (!key.Tag.IsEmpty)
            {
                throw new DocumentException("AGTP014", position, "Tags are not allowed.", "Remove the part that begins with !.");
            }

            Count(1);
            string name = key.Value;
            if (Repeats(node.Members!, ref names, name))
            {
                throw new DocumentException("AGTP017", position, $"The key {Shown(name)} is repeated.", "Keep one of them.");
            }

            Remember(key, new DocumentNode { Position = position, Scalar = GovernedValue.From(name) });
            Move();
            DocumentNode value = Node(depth + 1);
            node.Members!.Add(new DocumentMember(name, position, value));
            node.Size += value.Size + 1;
            node.Depth = Math.Max(node.Depth, value.Depth + 1);
        }

        Remember(start, node);
        Move();
        return node;
    }

    private static bool Repeats(List<DocumentMember> members, ref HashSet<string>? names, string name)
    {
        if (members.Count < 16)
        {
            foreach (DocumentMember member in members)
            {
                if (member.Name == name)
                {
                    return true;
                }
            }

            return false;
        }

        names ??= new HashSet<string>(members.Select(member => member.Name), StringComparer.Ordinal);
        return !names.Add(name);
    }

    internal static string Shown(string name)
    {
        string shown = name.Length > 60 ? name[..60] + "..." : name;
        return "'" + string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString())) + "'";
    }

    private static DocumentNode Leaf(Scalar scalar)
    {
        SourcePosition start = Place(scalar.Start);
        return new DocumentNode
        {
            Position = start,
            Scalar = scalar.Style == ScalarStyle.Plain ? CoreSchema.Resolve(scalar.Value, start) : GovernedValue.From(scalar.Value),
            Start = (int)scalar.Start.Index,
        };
    }

    private void Remember(NodeEvent start, DocumentNode node)
    {
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = node;
        }
    }

    private void Count(int nodes)
    {
        _nodes += nodes;
        if (_nodes > _options.MaxNodes)
        {
            throw new DocumentException("AGTP019", Here(), $"The file has more than {_options.MaxNodes} nodes, aliases counted as often as they are used.", "Split it, or raise PolicyLoadOptions.MaxNodes.");
        }
    }

    private void Move() => _parser.MoveNext();

    private SourcePosition Here() => _parser.Current is { } current ? Place(current.Start) : new SourcePosition(1, 1);

    private static SourcePosition Place(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Reason(YamlException exception)
    {
        string text = exception.Message;
        int end = text.IndexOf("): ", StringComparison.Ordinal);
        text = (end >= 0 && text.StartsWith('(') ? text[(end + 3)..] : text).Trim().TrimEnd('.');
        return (text.Length > 200 ? text[..200] : text) + ".";
    }
}
