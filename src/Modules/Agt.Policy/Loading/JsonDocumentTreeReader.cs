using System.Text;
using System.Text.Json;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Reads one JSON document (RFC 8259) into the same tree as YAML.</summary>
internal ref struct JsonDocumentTreeReader
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly PolicyLoadOptions _options;
    private Utf8JsonReader _reader;
    private int _nodes;
    private int _line;
    private int _column;
    private int _counted;
    private int _characters;

    private JsonDocumentTreeReader(ReadOnlySpan<byte> utf8, PolicyLoadOptions options)
    {
        _utf8 = utf8;
        _options = options;
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = options.MaxDepth + 1 });
        _line = 1;
    }

    internal static DocumentNode Read(ReadOnlySpan<byte> utf8, PolicyLoadOptions options)
    {
        var reader = new JsonDocumentTreeReader(utf8, options);
        try
        {
            reader._reader.Read();
            DocumentNode root = reader.Node(1);
            reader._reader.Read();
            return root;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or PayloadException)
        {
            SourcePosition position = exception is JsonException { LineNumber: { } line, BytePositionInLine: { } column }
                ? new SourcePosition((int)line + 1, (int)column + 1)
                : reader.Here();
            throw new DocumentException("AGTP010", position, "The JSON is malformed.", "Check commas, quotes and brackets here.");
        }
    }

    private DocumentNode Node(int depth)
    {
        SourcePosition position = Here();
        if (depth > _options.MaxDepth)
        {
            throw new DocumentException("AGTP013", position, $"The file is nested deeper than {_options.MaxDepth} levels.", "Flatten it.");
        }

        Count(position);
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(position, depth);
            case JsonTokenType.StartArray:
                var list = new DocumentNode { Position = position, Items = [] };
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items!.Add(Node(depth + 1));
                }

                return list;
            case JsonTokenType.String:
                return new DocumentNode
                {
                    Position = position,
                    Scalar = GovernedValue.From(_reader.GetString()),
                    Start = _characters,
                };
            case JsonTokenType.Number:
                return new DocumentNode { Position = position, Scalar = GovernedValue.FromNumberText(Encoding.ASCII.GetString(_reader.ValueSpan)) };
            case JsonTokenType.True or JsonTokenType.False:
                return new DocumentNode { Position = position, Scalar = GovernedValue.From(_reader.TokenType == JsonTokenType.True) };
            default:
                return new DocumentNode { Position = position, Scalar = GovernedValue.Null };
        }
    }

    private DocumentNode Object(SourcePosition position, int depth)
    {
        var map = new DocumentNode { Position = position, Members = [] };
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            SourcePosition at = Here();
            string name = _reader.GetString()!;
            if (!names.Add(name))
            {
                throw new DocumentException("AGTP017", at, $"The key {YamlDocumentReader.Shown(name)} is repeated.", "Keep one of them.");
            }

            Count(at);
            _reader.Read();
            map.Members!.Add(new DocumentMember(name, at, Node(depth + 1)));
        }

        return map;
    }

    private void Count(SourcePosition position)
    {
        if (++_nodes > _options.MaxNodes)
        {
            throw new DocumentException("AGTP019", position, $"The file has more than {_options.MaxNodes} nodes.", "Split it, or raise PolicyLoadOptions.MaxNodes.");
        }
    }

    /// <summary>Where the reader stands; counts on from where it stood last, so that all positions together cost one pass.</summary>
    private SourcePosition Here()
    {
        int at = (int)Math.Min(_reader.TokenStartIndex, _utf8.Length);
        for (; _counted < at; _counted++)
        {
            byte b = _utf8[_counted];
            if (b == (byte)'\n')
            {
                _line++;
                _column = 0;
                _characters++;
            }
            else if ((b & 0xC0) != 0x80)
            {
                // A character beyond the basic plane takes four bytes and two UTF-16 code units.
                _column += b >= 0xF0 ? 2 : 1;
                _characters += b >= 0xF0 ? 2 : 1;
            }
        }

        return new SourcePosition(_line, _column + 1);
    }
}
