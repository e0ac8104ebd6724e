using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Agt.Compliance.Packs;

/// <summary>Reads one YAML document into nodes with places, from the parser's events. No tags, no anchors, no repeated keys; bounded in size, depth and nodes. JSON is YAML here.</summary>
internal sealed class YamlTree
{
    internal const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 24;
    private const int MaxNodes = 50_000;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly Parser _parser;
    private readonly string _file;
    private int _nodes;

    private YamlTree(TextReader text, string file)
    {
        _parser = new Parser(new Scanner(text, skipComments: true));
        _file = file;
    }

    /// <exception cref="PackException">The bytes are no such document.</exception>
    internal static PackNode Read(ReadOnlySpan<byte> utf8, string file)
    {
        if (utf8.Length > MaxBytes)
        {
            throw Problem(file, 1, 1, $"The file has more than {MaxBytes} bytes.", "Split it.");
        }

        string text;
        try
        {
            text = Strict.GetString(utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[3..] : utf8);
        }
        catch (ArgumentException)
        {
            throw Problem(file, 1, 1, "The file is not UTF-8.", "Save it as UTF-8.");
        }

        using var reader = new StringReader(text);
        var tree = new YamlTree(reader, file);
        try
        {
            return tree.Document();
        }
        catch (YamlException exception)
        {
            throw Problem(file, (int)Math.Max(1, exception.Start.Line), (int)Math.Max(1, exception.Start.Column), "The YAML is malformed.", "Check indentation, quotes and brackets here.");
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw Problem(file, tree.Line, tree.Column, "The YAML is malformed.", "Check indentation, quotes and brackets here.");
        }
    }

    private int Line => (int)Math.Max(1, _parser.Current?.Start.Line ?? 1);

    private int Column => (int)Math.Max(1, _parser.Current?.Start.Column ?? 1);

    private static PackException Problem(string file, int line, int column, string message, string fix) => new(new PackProblem(file, line, column, message, fix));

    private PackNode Document()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is StreamEnd or null)
        {
            throw Problem(_file, 1, 1, "The file is empty.", "Write a document.");
        }

        _parser.MoveNext();
        PackNode root = Node(1);
        _parser.MoveNext();
        return _parser.Current is StreamEnd ? root : throw Problem(_file, Line, Column, "The file holds more than one document.", "Put each in a file of its own.");
    }

    private PackNode Node(int depth)
    {
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            throw Problem(_file, Line, Column, $"The file is nested deeper than {MaxDepth} levels or has more than {MaxNodes} nodes.", "Make it simpler.");
        }

        (int line, int column) = (Line, Column);
        if (_parser.Current is AnchorAlias or NodeEvent { Tag.IsEmpty: false } or NodeEvent { Anchor.IsEmpty: false })
        {
            throw Problem(_file, line, column, "Tags, anchors and aliases are not allowed.", "Write it out.");
        }

        switch (_parser.Current)
        {
            case Scalar scalar:
                _parser.MoveNext();
                return new PackNode(line, column) { Text = scalar.Value };
            case SequenceStart:
                var items = new List<PackNode>();
                for (_parser.MoveNext(); _parser.Current is not SequenceEnd;)
                {
                    items.Add(Node(depth + 1));
                }

                _parser.MoveNext();
                return new PackNode(line, column) { Items = items };
            case MappingStart:
                return new PackNode(line, column) { Members = Members(depth) };
            default:
                throw Problem(_file, line, column, "The YAML is malformed.", "Check indentation, quotes and brackets here.");
        }
    }

    private List<(string Name, PackNode Key, PackNode Value)> Members(int depth)
    {
        var members = new List<(string, PackNode, PackNode)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (_parser.MoveNext(); _parser.Current is not MappingEnd;)
        {
            PackNode key = Node(depth + 1);
            if (key.Text is not { } name)
            {
                throw Problem(_file, key.Line, key.Column, "A key is not text.", "Write a plain name before the colon.");
            }

            if (!names.Add(name))
            {
                throw Problem(_file, key.Line, key.Column, $"The key {Quoted(name)} is repeated.", "Keep one of them.");
            }

            members.Add((name, key, Node(depth + 1)));
        }

        _parser.MoveNext();
        return members;
    }

    /// <summary>Text from a file in a message: short, and without what could steer a terminal.</summary>
    internal static string Quoted(string text)
    {
        string shown = text.Length > 60 ? text[..60] + "..." : text;
        return "'" + string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString())) + "'";
    }
}
