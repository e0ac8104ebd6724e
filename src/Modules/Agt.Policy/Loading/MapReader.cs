using System.Globalization;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Reads the members of one map by name and type, and finds those that nobody asked for.</summary>
internal readonly ref struct MapReader
{
    private readonly DocumentNode _map;
    private readonly DiagnosticBag _bag;

    internal MapReader(DocumentNode map, string pointer, DiagnosticBag bag)
    {
        _map = map;
        Pointer = pointer;
        _bag = bag;
    }

    internal string Pointer { get; }

    internal List<DocumentMember> Members => _map.Members!;

    internal SourcePosition Position => _map.Position;

    internal string PointerTo(string name) => Pointer + "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    internal DocumentNode? Find(string name)
    {
        foreach (DocumentMember member in _map.Members!)
        {
            if (member.Name == name)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>A member whose name is nearly this one.</summary>
    internal DocumentMember? FindNear(string name)
    {
        foreach (DocumentMember member in _map.Members!)
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || Suggestion.Nearest(member.Name, [name]) is not null)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>Reports members that are not among the known ones; <c>x-*</c>, metadata, disclaimer and description are the author's own.</summary>
    internal void RefuseUnknown(ReadOnlySpan<string> known, string what)
    {
        foreach (DocumentMember member in _map.Members!)
        {
            if (known.Contains(member.Name) || member.Name is "metadata" or "disclaimer" or "description" || member.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                continue;
            }

            string? nearest = Suggestion.Nearest(member.Name, known);
            string message = $"{what} has no field {YamlDocumentReader.Shown(member.Name)}.";
            string fix = nearest is null ? "Remove it, or name it x-" + "... if it is a note of your own." : $"Did you mean '{nearest}'?";
            if (_bag.IsLenient)
            {
                _bag.Warn("AGTP030", member.Position, PointerTo(member.Name), message, fix);
            }
            else
            {
                _bag.Error("AGTP030", member.Position, PointerTo(member.Name), message, fix);
            }
        }
    }

    internal string? Text(string name, bool required = false)
    {
        DocumentNode? node = Find(name);
        if (node is null)
        {
            if (required)
            {
                Missing(name);
            }

            return null;
        }

        if (node.Text is not { } text)
        {
            // A name such as 1.0 or true is meant as text; anything else is a mistake.
            if (node.Scalar.IsNumber || node.Scalar.Kind == ValueKind.Boolean)
            {
                return node.Scalar.NumberText() ?? (node.Scalar.TryGetBoolean(out bool flag) && flag ? "true" : "false");
            }

            if (required || node.Scalar.Kind != ValueKind.Null)
            {
                WrongType(name, node, "text");
            }

            return null;
        }

        if (required && string.IsNullOrWhiteSpace(text))
        {
            _bag.Error("AGTP032", node.Position, PointerTo(name), $"{name} is empty.", "Write one.");
            return null;
        }

        return text;
    }

    internal bool? Boolean(string name)
    {
        DocumentNode? node = Find(name);
        if (node is null)
        {
            return null;
        }

        if (node.Scalar.TryGetBoolean(out bool value))
        {
            return value;
        }

        WrongType(name, node, "true or false");
        return null;
    }

    internal long? Integer(string name, long least, long most)
    {
        DocumentNode? node = Find(name);
        if (node is null || node.Scalar.Kind == ValueKind.Null)
        {
            return null;
        }

        if (!node.Scalar.TryGetInt64(out long value))
        {
            WrongType(name, node, "a whole number");
            return null;
        }

        if (value < least || value > most)
        {
            _bag.Error("AGTP033", node.Position, PointerTo(name), string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, but it must be from {least} to {most}."), "Choose a number in that range.");
            return null;
        }

        return value;
    }

    /// <summary>A list of texts; one text alone counts as a list of one.</summary>
    internal string[]? Texts(string name)
    {
        DocumentNode? node = Find(name);
        if (node is null || node.Scalar.Kind == ValueKind.Null)
        {
            return null;
        }

        if (node.Text is { } one)
        {
            return [one];
        }

        if (node.Items is null)
        {
            WrongType(name, node, "a list of texts");
            return null;
        }

        var texts = new List<string>();
        for (int i = 0; i < node.Items.Count; i++)
        {
            if (node.Items[i].Text is { Length: > 0 } text)
            {
                texts.Add(text);
            }
            else
            {
                _bag.Error("AGTP031", node.Items[i].Position, $"{PointerTo(name)}/{i}", $"An item of {name} is {node.Items[i].KindName}, not text.", "Put it in quotes, or remove it.");
            }
        }

        return [.. texts];
    }

    internal void Missing(string name) => _bag.Error("AGTP034", _map.Position, Pointer, $"{name} is missing.", $"Add {name}.");

    internal void WrongType(string name, DocumentNode node, string wanted) =>
        _bag.Error("AGTP031", node.Position, PointerTo(name), $"{name} is {node.KindName}, not {wanted}.", $"Write {wanted}.");
}
