using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Agt.Cli;

/// <summary>
/// Formats a document without touching what it says. YAML keeps its comments, its order and its indentation; only blanks at line ends, line ends themselves and
/// empty lines are made alike, and never inside a text of several lines. JSON is laid out with two blanks a level.
/// </summary>
internal static class PolicyFormatter
{
    /// <summary>The formatted text; equal to the given one if it is formatted already.</summary>
    /// <exception cref="CliException">The result would not say the same.</exception>
    internal static string Format(PolicyText policy)
    {
        string formatted = policy.IsJson ? Json(policy.Text) : Yaml(policy.Text);
        if (!PolicyText.Same(policy.Root, PolicyText.Parse(formatted, policy.IsJson)) || Comments(policy) != Comments(policy with { Text = formatted }))
        {
            throw new CliException($"{InputFile.Name(policy.Path)}: cannot be formatted without changing what it says; it stays as it is.", ExitCode.Findings);
        }

        return formatted;
    }

    private static string Yaml(string text)
    {
        string unified = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        string[] lines = unified.Split('\n');
        bool[] isText = TextLines(unified, lines.Length);
        var output = new StringBuilder(text.Length);
        bool wasEmpty = true;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = isText[i] ? lines[i] : lines[i].TrimEnd(' ', '\t');
            bool isEmpty = line.Length == 0 && !isText[i];
            if (isEmpty && wasEmpty)
            {
                continue;
            }

            output.Append(line).Append('\n');
            wasEmpty = isEmpty;
        }

        return wasEmpty && output.Length > 1 ? output.ToString(0, output.Length - 1) : output.ToString();
    }

    /// <summary>Which lines belong to a scalar of several lines: there, blanks and empty lines are text.</summary>
    private static bool[] TextLines(string text, int count)
    {
        var lines = new bool[count];
        using var reader = new StringReader(text);
        var parser = new Parser(new Scanner(reader, skipComments: true));
        while (parser.MoveNext())
        {
            if (parser.Current is Scalar scalar && (scalar.End.Line > scalar.Start.Line || scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded))
            {
                for (long line = scalar.Start.Line; line <= Math.Min(scalar.End.Line, count - 1); line++)
                {
                    lines[Math.Max(0, line - 1)] = true;
                }
            }
        }

        return lines;
    }

    private static string Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text.TrimStart('\uFEFF'));
        using var output = new MemoryStream();
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            document.RootElement.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(output.ToArray()) + "\n";
    }

    private static string Comments(PolicyText policy)
    {
        if (policy.IsJson)
        {
            return string.Empty;
        }

        var comments = new StringBuilder();
        using var reader = new StringReader(policy.Text.TrimStart('\uFEFF'));
        var scanner = new Scanner(reader, skipComments: false);
        while (scanner.MoveNext())
        {
            if (scanner.Current is YamlDotNet.Core.Tokens.Comment comment)
            {
                comments.Append(comment.Value.TrimEnd()).Append('\n');
            }
        }

        return comments.ToString();
    }
}
