using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agt.Policy.Loading;

namespace Agt.Cli;

/// <summary>Brings a 1.0 document to <c>governance.toolkit/v1</c>: apiVersion comes in, version goes; everything else, comments too, stays as it is (POL-009).</summary>
internal static partial class PolicyMigration
{
    internal const string Current = "governance.toolkit/v1";

    /// <summary>The new text; the same instance if there is nothing to do.</summary>
    /// <exception cref="CliException">The document cannot be migrated.</exception>
    internal static string Migrate(PolicyText policy)
    {
        if (policy.Root.Members is not { } members)
        {
            throw Refuse(policy, "is not a policy: it is no map.");
        }

        if (members.Exists(member => member.Name == "agent_control_specification_version"))
        {
            throw Refuse(policy, "is a manifest of the Agent Control Specification, which has no 1.0 form to migrate from.");
        }

        DocumentNode? api = PolicyText.Member(policy.Root, "apiVersion");
        if (api?.Text == Current)
        {
            return policy.Text;
        }

        if (api is not null && PolicyText.Shown(api).Trim('"') is not ("1.0" or "1"))
        {
            throw Refuse(policy, $"has an apiVersion that is neither 1.0 nor {Current}.");
        }

        string migrated = policy.IsJson ? Json(policy.Text) : Yaml(policy, members);
        Check(policy, migrated);
        return migrated;
    }

    private static string Yaml(PolicyText policy, List<DocumentMember> members)
    {
        List<string> lines = [.. policy.Text.Split('\n')];
        int place = -1;
        foreach (DocumentMember member in members.Where(member => member.Name is "apiVersion" or "version").OrderByDescending(member => member.Position.Line))
        {
            int index = member.Position.Line - 1;
            Match match = WholeLine().Match(lines[index].TrimEnd('\r'));
            if (!match.Success || member.Value.Items is not null || member.Value.Members is not null || member.Value.Position.Line != member.Position.Line)
            {
                throw Refuse(policy, $"has '{member.Name}' in line {member.Position.Line} in a form that this command does not rewrite; put it on a line of its own.");
            }

            string comment = match.Groups["comment"].Value;
            if (comment.Length > 0)
            {
                lines[index] = comment.TrimStart() + (lines[index].EndsWith('\r') ? "\r" : string.Empty);
            }
            else
            {
                lines.RemoveAt(index);
            }

            place = index;
        }

        string end = policy.Text.Contains("\r\n", StringComparison.Ordinal) ? "\r" : string.Empty;
        lines.Insert(place >= 0 ? place : members.Count > 0 ? members[0].Position.Line - 1 : 0, $"apiVersion: {Current}{end}");
        return string.Join('\n', lines);
    }

    private static string Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        using var output = new MemoryStream();
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", Current);
            foreach (JsonProperty property in document.RootElement.EnumerateObject().Where(property => property.Name is not ("apiVersion" or "version")))
            {
                property.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.ToArray()) + "\n";
    }

    /// <summary>The new text must say what the old one said, except for the two fields.</summary>
    private static void Check(PolicyText policy, string migrated)
    {
        try
        {
            DocumentNode after = PolicyText.Parse(migrated, policy.IsJson);
            if (PolicyText.Member(after, "apiVersion")?.Text == Current && PolicyText.Same(Rest(policy.Root), Rest(after)))
            {
                return;
            }
        }
        catch (DocumentException exception)
        {
            throw Refuse(policy, $"could not be rewritten without harm ({exception.Message}); write apiVersion: {Current} in place of version by hand.");
        }

        throw Refuse(policy, $"could not be rewritten without a change of meaning; write apiVersion: {Current} in place of version by hand.");
    }

    private static DocumentNode Rest(DocumentNode root) => new()
    {
        Position = root.Position,
        Members = [.. root.Members!.Where(member => member.Name is not ("apiVersion" or "version"))],
    };

    private static CliException Refuse(PolicyText policy, string message) => new($"{InputFile.Name(policy.Path)}: {CliHost.Clean(message)}", ExitCode.Findings);

    [GeneratedRegex("""^["']?(?:apiVersion|version)["']?[ \t]*:[ \t]+(?:"[^"\\]*"|'[^']*'|[^\s#"'&*|>{\[!][^#]*?)(?<comment>[ \t]+#.*)?[ \t]*$""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex WholeLine();
}
