using System.Text;
using Agt.Policy;
using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Cli;

/// <summary>A document as text and as a tree, whether or not it is a valid policy.</summary>
internal sealed record PolicyText(string Path, string Text, bool IsJson, DocumentNode Root)
{
    private static readonly string[] Extensions = [".yaml", ".yml"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It cannot be read, or is no YAML or JSON document.</exception>
    internal static PolicyText Read(string path)
    {
        byte[] bytes = InputFile.Guard(path, () =>
        {
            if (Directory.Exists(path))
            {
                throw new CliException($"{InputFile.Name(path)}: this is a directory; name a file.");
            }

            using FileStream stream = File.OpenRead(path);
            return BoundedReader.Read(stream, PolicyLoadOptions.Default.MaxBytes)
                ?? throw new CliException($"{InputFile.Name(path)}: the file has more than {PolicyLoadOptions.Default.MaxBytes} bytes.");
        });
        try
        {
            FileEncoding.Check(bytes);
            string text = Encoding.UTF8.GetString(bytes);
            bool json = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
            return new PolicyText(path, text, json, Parse(text, json));
        }
        catch (DocumentException exception)
        {
            throw new CliException(CliHost.Clean($"{path}:{exception.Position.Line}:{exception.Position.Column}: error {exception.Code}: {exception.Message} {exception.Fix}"));
        }
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="DocumentException">It is no document.</exception>
    internal static DocumentNode Parse(string text, bool json) => json
        ? JsonDocumentTreeReader.Read(Encoding.UTF8.GetBytes(text), PolicyLoadOptions.Default)
        : YamlDocumentReader.Read(text, PolicyLoadOptions.Default);

    /// <summary>The files a path stands for: itself, or those of a directory in the order in which they load.</summary>
    internal static IReadOnlyList<string> Files(string path) => InputFile.Guard<IReadOnlyList<string>>(path, () =>
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Extensions.SelectMany(extension => Directory.EnumerateFiles(path).Where(file => System.IO.Path.GetExtension(file) == extension).Order(StringComparer.Ordinal))];
        return files.Length > 0 ? files : throw new CliException($"{InputFile.Name(path)}: the directory holds no policy.");
    });

    /// <summary>Whether two trees say the same, in the same order.</summary>
    internal static bool Same(DocumentNode left, DocumentNode right)
    {
        if (left.Items is { } items)
        {
            return right.Items is { } others && items.Count == others.Count && items.Zip(others).All(pair => Same(pair.First, pair.Second));
        }

        if (left.Members is { } members)
        {
            return right.Members is { } others && members.Count == others.Count
                && members.Zip(others).All(pair => pair.First.Name == pair.Second.Name && Same(pair.First.Value, pair.Second.Value));
        }

        return right.Items is null && right.Members is null && left.Scalar.Kind == right.Scalar.Kind
            && CanonicalText(left.Scalar) == CanonicalText(right.Scalar);
    }

    internal static DocumentNode? Member(DocumentNode node, string name) => node.Members?.Find(member => member.Name == name) is { Value: { } value } ? value : null;

    /// <summary>A tree as a value.</summary>
    internal static GovernedValue Value(DocumentNode node)
    {
        var arena = new ValueArena(PayloadLimits.Default);
        return Write(arena, node);
    }

    /// <summary>A tree on one line, for messages.</summary>
    internal static string Shown(DocumentNode node)
    {
        try
        {
            return node.Items is null && node.Members is null ? CanonicalText(node.Scalar) : CanonicalJson.ToString(Value(node));
        }
        catch (PayloadException)
        {
            return node.KindName;
        }
    }

    private static GovernedValue Write(ValueArena arena, DocumentNode node)
    {
        if (node.Members is { } members)
        {
            arena.BeginMap();
            foreach (DocumentMember member in members)
            {
                arena.Name(member.Name);
                Write(arena, member.Value);
            }

            return arena.End(uniqueNames: true);
        }

        if (node.Items is { } items)
        {
            arena.BeginList();
            foreach (DocumentNode item in items)
            {
                Write(arena, item);
            }

            return arena.End();
        }

        arena.Write(node.Scalar);
        return node.Scalar;
    }

    private static string CanonicalText(GovernedValue value) => value.NumberText() ?? CanonicalJson.ToString(value);
}
