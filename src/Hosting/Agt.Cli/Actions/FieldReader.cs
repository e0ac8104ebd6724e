using System.Globalization;
using Agt.Values;

namespace Agt.Cli;

/// <summary>Reads the fields of one JSON object, names what is wrong with one, and refuses what it does not know.</summary>
internal sealed class FieldReader
{
    private readonly GovernedValue _map;
    private readonly string _path;
    private readonly string[] _known;

    internal FieldReader(GovernedValue map, string path, params string[] known)
    {
        _map = map;
        _path = path;
        _known = known;
        if (map.Kind != ValueKind.Map)
        {
            throw new ActionFormatException($"{(path.Length == 0 ? "The line" : path)} is {Kind(map)}; it must be an object.");
        }

        for (int i = 0; i < map.Count; i++)
        {
            string name = map.MemberAt(i).Name;
            if (!_known.Contains(name, StringComparer.Ordinal))
            {
                throw new ActionFormatException($"{Path(name)} is not known. Known: {string.Join(", ", _known)}.");
            }
        }
    }

    internal GovernedValue Value(string name) => _map.TryGetMember(name, out GovernedValue value) ? value : default;

    internal bool Has(string name) => _map.TryGetMember(name, out _);

    /// <summary>A text that is not empty; null where there is none, or null is written.</summary>
    internal string? Text(string name)
    {
        GovernedValue value = Value(name);
        if (value.IsAbsentOrNull)
        {
            return null;
        }

        return value.AsString() is { Length: > 0 } text && value.Kind == ValueKind.String
            ? text
            : throw new ActionFormatException($"{Path(name)} is {Kind(value)}; it must be text that is not empty.");
    }

    internal bool Flag(string name)
    {
        GovernedValue value = Value(name);
        return !value.IsAbsentOrNull
            && (value.TryGetBoolean(out bool flag) ? flag : throw new ActionFormatException($"{Path(name)} is {Kind(value)}; it must be true or false."));
    }

    internal long? Number(string name, long least, long most)
    {
        GovernedValue value = Value(name);
        if (value.IsAbsentOrNull)
        {
            return null;
        }

        return value.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw new ActionFormatException($"{Path(name)} must be a whole number from {least} to {most}.");
    }

    internal string[] Texts(string name)
    {
        GovernedValue value = Value(name);
        if (value.IsAbsentOrNull)
        {
            return [];
        }

        if (value.Kind != ValueKind.List)
        {
            throw new ActionFormatException($"{Path(name)} is {Kind(value)}; it must be a list of texts.");
        }

        var texts = new string[value.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = value[i].Kind == ValueKind.String ? value[i].AsString()! : throw new ActionFormatException($"{Path(name)}[{i}] is {Kind(value[i])}; it must be text.");
        }

        return texts;
    }

    internal DateTimeOffset? Time(string name) => Text(name) is not { } text ? null
        : text.Length >= 20 && text[10] is 'T' or 't' or ' '
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            && (text[^1] is 'Z' or 'z' || text.AsSpan(10).ContainsAny('+', '-'))
                ? time.ToUniversalTime()
                : throw new ActionFormatException($"{Path(name)} must be a time as in RFC 3339, with its offset: 2026-01-31T12:00:00Z.");

    internal string Path(string name) => _path.Length == 0 ? $"'{CliHost.Clean(Short(name))}'" : $"'{_path}.{CliHost.Clean(Short(name))}'";

    private static string Short(string text) => text.Length <= 64 ? text : text[..64] + "...";

    private static string Kind(GovernedValue value) => value.Kind switch
    {
        ValueKind.Absent => "missing",
        ValueKind.Null => "null",
        ValueKind.Boolean => "true or false",
        ValueKind.String => "text",
        ValueKind.List or ValueKind.Set => "a list",
        ValueKind.Map => "an object",
        _ => "a number",
    };
}
